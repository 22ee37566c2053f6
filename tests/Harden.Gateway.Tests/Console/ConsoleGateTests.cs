using System.Net;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Console;

public sealed class ConsoleGateTests
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task NotSignedIn_PersonIsSentToSignInAndComesBack()
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        var (status, _, answer) = await console.BrowseAsync("/record?q=a%26b", roles: null);

        Assert.Equal(HttpStatusCode.Redirect, status);
        Assert.Equal("/.harden/signin?returnUrl=%2Frecord%3Fq%3Da%2526b", answer.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/record")]
    [InlineData("/nothing")]
    public async Task NotSignedIn_ProgramGets401(string path)
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        using var answer = await console.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("Member")]
    [InlineData("harden.admin")]
    [InlineData("")]
    public async Task WithoutAConsoleRole_403NamesTheRole(string roles)
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        var (status, text, _) = await console.BrowseAsync("/", roles);

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("Harden.Admin or Harden.Reviewer", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfiguredRoles_ReplaceTheDefaultOnes()
    {
        await using var console = await ConsoleUnderTest.StartAsync("Console:Roles:0=Auditor");

        Assert.Equal(HttpStatusCode.OK, (await console.BrowseAsync("/", "Auditor")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await console.BrowseAsync("/", "Harden.Admin")).Status);
    }

    [Fact]
    public async Task Post_Is405()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Headers = { { "Test-Roles", "Harden.Admin" } } };

        using var answer = await console.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task AppListener_NeverShowsTheConsole_WhateverTheHostHeaderSays()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/record") { Headers = { { "Test-Roles", "Harden.Admin" } } };
        request.Headers.Host = console.Client.BaseAddress!.Authority;

        using var answer = await console.App.SendAsync(request);

        Assert.Equal("the app", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task ConsoleListener_NeverReachesThePrototype_WhateverTheHostHeaderSays()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("the prototype"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        foreach (var path in new[] { "/", "/index.html", "/.harden/health/live", "/record" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Console, path));
            request.Headers.Host = gateway.Address.Authority;

            using var answer = await gateway.Client.SendAsync(request);

            Assert.DoesNotContain("the prototype", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task HostsOfTheApp_DoNotLockTheConsole()
    {
        await using var console = await ConsoleUnderTest.StartAsync("Edge:Hosts:0=tracker.example.com");

        Assert.Equal(HttpStatusCode.OK, (await console.BrowseAsync("/")).Status);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/health")]
    public async Task Scrape_FromThisMachine_NeedsNoRole(string path)
    {
        await using var console = await ConsoleUnderTest.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await console.Client.GetAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData("/metrics", null, HttpStatusCode.Unauthorized)]
    [InlineData("/metrics", "Bearer wrong-token-of-some-length", HttpStatusCode.Unauthorized)]
    [InlineData("/metrics", "Basic " + Token, HttpStatusCode.Unauthorized)]
    [InlineData("/metrics", "Bearer " + Token, HttpStatusCode.OK)]
    [InlineData("/health", "Bearer " + Token, HttpStatusCode.OK)]
    [InlineData("/record", "Bearer " + Token, HttpStatusCode.Unauthorized)]
    public async Task Scrape_WithAToken(string path, string? authorization, HttpStatusCode expected)
    {
        await using var console = await ConsoleUnderTest.StartAsync("Console:ScrapeFromLoopback=false", $"Console:ScrapeToken={Token}");
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var answer = await console.Client.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Scrape_UnderAForeignHostName_IsNotFromThisMachine()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Host = "rebound.example.com";

        using var answer = await console.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Scrape_ForwardedByATrustedProxyForSomeoneElse_IsNotFromThisMachine()
    {
        await using var console = await ConsoleUnderTest.StartAsync("Edge:TrustedProxies:0=127.0.0.1");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "X-Forwarded-For", "203.0.113.7" } } };

        using var answer = await console.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }
}
