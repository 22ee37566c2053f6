using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Harden.Gateway.Tests.Identity;

/// <summary>A sign-in that comes back with a code: what Entra's token endpoint is sent, and what is made of its answers.</summary>
public sealed class RedeemTests
{
    [Fact]
    public async Task SignIn_AsksForWhatItNeeds_AndNothingElse()
    {
        await using var test = await IssuerUnderTest.StartAsync();
        using var browser = new TestBrowser(test.Gateway.Address);

        using var away = await browser.NavigateAsync("/.harden/signin", follow: false);

        var asked = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(away.Headers.Location!.Query);
        Assert.Equal($"{test.Address}/authorize", away.Headers.Location.GetLeftPart(UriPartial.Path));
        Assert.Equal(["client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "response_type", "scope", "state"], asked.Keys.Where(static key => key != "response_mode").Order());
        Assert.Equal(["email", "offline_access", "openid", "profile"], asked["scope"].ToString().Split(' ').Order());
        Assert.Equal(("code", "S256", $"{test.Gateway.Address}.harden/signin/callback"), (asked["response_type"].ToString(), asked["code_challenge_method"].ToString(), asked["redirect_uri"].ToString()));
        Assert.Equal(["__Host-harden-c."], browser.Cookies.Keys.Select(static name => name[..16]));
    }

    [Fact]
    public async Task Certificate_ProvesWhoAsks()
    {
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=harden", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var test = await IssuerUnderTest.StartAsync(null, "AzureAd:ClientCredentials:0:SourceType=Base64Encoded", $"AzureAd:ClientCredentials:0:Base64EncodedValue={Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12))}");

        for (var time = 0; time < 2; time++)
        {
            using var browser = new TestBrowser(test.Gateway.Address);
            using var answer = await test.SignInAsync(browser);
            Assert.Equal("the app", await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", test.Redeemed["client_assertion_type"]);
        Assert.Equal($"{test.Address}/token", Assert.Single(new JsonWebToken(test.Redeemed["client_assertion"]).Audiences));
        Assert.DoesNotContain("client_secret", test.Redeemed.Keys);
        Assert.Equal(("authorization_code", "c", EntraUnderTest.ClientId, $"{test.Gateway.Address}.harden/signin/callback"), (test.Redeemed["grant_type"], test.Redeemed["code"], test.Redeemed["client_id"], test.Redeemed["redirect_uri"]));
        Assert.Equal(43, test.Redeemed["code_verifier"].Length);
    }

    [Fact]
    public async Task FederatedToken_IsReadAnewEachTime_AndAMissingOneIs503()
    {
        var file = Path.GetTempFileName();
        await using var test = await IssuerUnderTest.StartAsync(null, "AzureAd:ClientCredentials:0:SourceType=SignedAssertionFilePath", $"AzureAd:ClientCredentials:0:SignedAssertionFileDiskPath={file}");
        foreach (var token in (string[])["first", "second"])
        {
            await File.WriteAllTextAsync(file, token + "\n");
            using var browser = new TestBrowser(test.Gateway.Address);
            using var answer = await test.SignInAsync(browser);
            Assert.Equal("the app", await answer.Content.ReadAsStringAsync());
            Assert.Equal(token, test.Redeemed["client_assertion"]);
        }

        File.Delete(file);
        using var later = new TestBrowser(test.Gateway.Address);
        using var refused = await test.SignInAsync(later);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("Sign-in is not available", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, "application/json", """{"error":"server_error"}""")]
    [InlineData(503, "text/html", "<h1>Down for maintenance</h1>")]
    [InlineData(200, "text/html", "<h1>Log in to this network</h1>")]
    [InlineData(200, "application/json", "[]")]
    [InlineData(400, "application/json", "{}")]
    [InlineData(429, "application/json", """{"error":"temporarily_unavailable"}""")]
    public async Task TokenEndpointThatFails_Is503_AndNobodysMistake(int status, string type, string body)
    {
        await using var test = await IssuerUnderTest.StartAsync();
        using var browser = new TestBrowser(test.Gateway.Address);
        await test.StatusAsync(test.Sign(test.Claims())); // the metadata is known
        test.Instead = context =>
        {
            (context.Response.StatusCode, context.Response.ContentType) = (status, type);
            return context.Response.WriteAsync(body);
        };

        using var answer = await test.SignInAsync(browser);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains("Sign-in is not available", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aud", "\"00000003-0000-0000-c000-000000000000\"")]
    [InlineData("iss", "\"https://login.example/v2.0\"")]
    [InlineData("tid", "\"de000000-0000-4000-8000-000000000002\"")]
    [InlineData("exp", "1700000000")]
    [InlineData("exp", null)]
    [InlineData("nbf", "4000000000")]
    [InlineData("nonce", "\"of somebody else\"")]
    [InlineData("nonce", null)]
    public async Task IdTokenThatDoesNotFit_SignsNobodyIn(string claim, string? value)
    {
        await using var test = await IssuerUnderTest.StartAsync();
        using var browser = new TestBrowser(test.Gateway.Address);

        using var answer = await test.SignInAsync(browser, claims => claims[claim] = value is null ? null : System.Text.Json.Nodes.JsonNode.Parse(value));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Sign-in could not be completed", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("__Host-harden", browser.Cookies.Keys);
    }

    [Fact]
    public async Task WhatAnybodyCanSend_IsNobodysError()
    {
        var log = new Errors();
        await using var test = await IssuerUnderTest.StartAsync(builder => builder.Logging.AddProvider(log));
        using var browser = new TestBrowser(test.Gateway.Address);

        using (await browser.NavigateAsync("/.harden/signin/callback?code=c&state=made-up"))
        using (await test.SignInAsync(browser, static claims => claims["nonce"] = "of somebody else"))
        using (await test.SignInAsync(browser, static claims => claims["exp"] = 1))
        using (await browser.NavigateAsync("/.harden/signin", follow: false))
            await test.StatusAsync(test.Sign(test.Claims(), kid: "unknown") + "x");

        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task KeyOfAnotherTenant_SignsNobodyIn()
    {
        await using var test = await IssuerUnderTest.StartAsync();
        test.KeyIssuer = $"https://login.example/{EntraUnderTest.OtherTenant}/v2.0";
        using var browser = new TestBrowser(test.Gateway.Address);

        using var answer = await test.SignInAsync(browser);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain("__Host-harden", browser.Cookies.Keys);
    }

    [Theory]
    [InlineData("oid", null)]
    [InlineData("oid", "[\"de000000-0000-4000-8000-0000000000a3\",\"de000000-0000-4000-8000-0000000000a1\"]")]
    [InlineData("oid", "\"de00000000004000800000000000000a\"")]
    public async Task IdTokenThatNamesNobody_SignsNobodyIn(string claim, string? value)
    {
        await using var test = await IssuerUnderTest.StartAsync();
        using var browser = new TestBrowser(test.Gateway.Address);

        using var answer = await test.SignInAsync(browser, claims => claims[claim] = value is null ? null : System.Text.Json.Nodes.JsonNode.Parse(value));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.DoesNotContain("__Host-harden", browser.Cookies.Keys);
    }

    /// <summary>Everything that is logged at Warning and above.</summary>
    private sealed class Errors : ILoggerProvider
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Of(categoryName, Lines);

        public void Dispose()
        {
        }

        private sealed class Of(string category, System.Collections.Concurrent.ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{category}: {formatter(state, exception)}");
        }
    }
}
