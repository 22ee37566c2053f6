using System.Net;
using System.Net.WebSockets;
using Harden.Gateway.Tests.Identity;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Access;

/// <summary>Requests of other origins: those riding on the cookie, and CORS preflights, as rules decide them.</summary>
public sealed class OriginTests(OriginTests.Fixture fixture) : IClassFixture<OriginTests.Fixture>
{
    [Theory]
    [InlineData("/form", "https://forms.example.com", 200)]
    [InlineData("/form", "https://FORMS.example.com", 200)]
    [InlineData("/form", "https://forms.example.com:444", 403)]
    [InlineData("/form", "http://forms.example.com", 403)]
    [InlineData("/form", "https://evil.example", 403)]
    [InlineData("/form", "https://forms.example.com.evil.example", 403)]
    [InlineData("/form", "null", 403)]
    [InlineData("/form", null, 403)]
    [InlineData("/hook", "https://evil.example", 200)]
    [InlineData("/hook", "null", 200)]
    [InlineData("/hook", null, 200)]
    [InlineData("/x", "https://forms.example.com", 403)]
    [InlineData("/x", "https://friend.example", 200)]
    public async Task UnsafeRequestOfAnotherSite_IsTheRulesToAllow(string path, string? origin, int expected)
    {
        foreach (var site in (string?[])[null, "cross-site", "same-site"]) // a sibling subdomain is same-site, and another origin all the same
        {
            using var request = Riding(HttpMethod.Post, path, origin, site);
            using var answer = await fixture.Test.Gateway.Client.SendAsync(request);
            Assert.Equal(expected, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task TwoOrigins_AreNone()
    {
        using var request = Riding(HttpMethod.Post, "/form", "https://forms.example.com", null);
        request.Headers.TryAddWithoutValidation("Origin", "https://evil.example");

        using var answer = await fixture.Test.Gateway.Client.SendAsync(request);

        Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/form", "https://forms.example.com", 200)]
    [InlineData("/form", "https://evil.example", 403)]
    [InlineData("/x", "https://forms.example.com", 403)]
    public async Task WebSocketOfAnotherSite_IsTheRulesToAllow(string path, string origin, int expected)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Cookie", $"__Host-harden={fixture.Session}");
        socket.Options.SetRequestHeader("Origin", origin);

        // The prototype answers 200 instead of switching protocols: enough to see that the handshake reached it.
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(new Uri(fixture.Test.Gateway.Address, path)) { Scheme = "ws" }.Uri, default));

        Assert.Equal(expected, (int)socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://friend.example")] // may use the app with a person's session, not the console
    [InlineData("https://forms.example.com")]
    [InlineData(null)]
    public async Task Console_IsForItsOwnPagesOnly(string? origin)
    {
        using var request = Riding(HttpMethod.Post, "/limits", origin, null);
        request.RequestUri = new(fixture.Test.Gateway.Console, "/limits");

        using var answer = await fixture.Test.Gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("own pages can act with your session", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebhookWithoutACookie_IsNotAskedForAnOrigin()
    {
        using var answer = await fixture.Test.Gateway.Client.PostAsync("/webhook", new StringContent("{}"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task OtherSite_LearnsNothingOfWhatThePersonMayDo()
    {
        using var request = Riding(HttpMethod.Post, "/admin", "https://evil.example", "cross-site");

        using var answer = await fixture.Test.Gateway.Client.SendAsync(request);

        Assert.Contains("came from another site", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/x", "POST", 200)]
    [InlineData("/api/x", "GET", 401)] // the rule for GET does not say so
    [InlineData("/x", "POST", 401)]
    [InlineData("/closed", "POST", 401)]
    public async Task Preflight_IsForwardedWithoutIdentity_IfTheRuleOfTheRequestItAsksAboutSaysSo(string path, string asked, int expected)
    {
        using var request = Preflight(path, "https://spa.example", asked);
        request.Headers.Add("Cookie", "theme=dark");

        using var answer = await fixture.Test.Gateway.Client.SendAsync(request);

        Assert.Equal(expected, (int)answer.StatusCode);
        if (expected == 200)
            Assert.Equal("OPTIONS as nobody", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(null, "POST", "")]
    [InlineData("https://spa.example", null, "")]
    [InlineData("https://spa.example", "POST", "a body")]
    public async Task OptionsThatIsNoPreflight_IsNotLetThrough(string? origin, string? asked, string body)
    {
        using var request = Preflight("/api/x", origin, asked);
        if (body.Length > 0)
            request.Content = new StringContent(body);

        using var answer = await fixture.Test.Gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.OK)]
    [InlineData(true, HttpStatusCode.Unauthorized)]
    public async Task PreflightOverHttp2_HasNoBodyThatNoHeaderTellsOf(bool body, HttpStatusCode expected)
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("reached"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Edge:Listen:0=h2c://127.0.0.1:0",
            "Access:Rules:0:Paths:0=/api/**", "Access:Rules:0:Preflight=Forward", "Access:Default=SignedIn");
        using var request = Preflight("/api/x", "https://spa.example", "POST");
        (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        if (body)
            request.Content = new StreamContent(new Unmeasured("a body"u8.ToArray()));

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task PreflightWithASession_IsForwardedAsNobodys()
    {
        using var request = Preflight("/api/x", "https://spa.example", "POST");
        request.Headers.Add("Cookie", $"__Host-harden={fixture.Session}");

        using var answer = await fixture.Test.Gateway.Client.SendAsync(request);

        Assert.Equal("OPTIONS as nobody", await answer.Content.ReadAsStringAsync());
    }

    private HttpRequestMessage Riding(HttpMethod method, string path, string? origin, string? site)
    {
        var request = new HttpRequestMessage(method, path) { Headers = { { "Cookie", $"__Host-harden={fixture.Session}" } } };
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        return request;
    }

    private static HttpRequestMessage Preflight(string path, string? origin, string? asked)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, path);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        if (asked is not null)
            request.Headers.Add("Access-Control-Request-Method", asked);
        return request;
    }

    // Without a length, so that the request has no Content-Length.
    private sealed class Unmeasured(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal EntraUnderTest Test { get; private set; } = null!;

        internal string Session { get; private set; } = "";

        public async Task InitializeAsync()
        {
            Test = await EntraUnderTest.StartAsync(static context => context.Response.WriteAsync($"{context.Request.Method} as {(context.Request.Headers["X-Harden-User"] is { Count: > 0 } user ? user.ToString() : "nobody")}"), null,
                "Access:Rules:0:Paths:0=/form", "Access:Rules:0:Origins:0=https://forms.example.com",
                "Access:Rules:1:Paths:0=/hook", "Access:Rules:1:CrossSite=Allow",
                "Access:Rules:2:Paths:0=/webhook", "Access:Rules:2:Allow=Anonymous", "Access:Rules:2:Methods:0=POST",
                "Access:Rules:3:Paths:0=/admin", "Access:Rules:3:Roles:0=Admin",
                "Access:Rules:4:Paths:0=/api/**", "Access:Rules:4:Methods:0=POST", "Access:Rules:4:Preflight=Forward",
                "Access:Default=SignedIn", "Session:AllowedOrigins:0=https://friend.example");
            using var browser = await Test.SignInAsync("member");
            Session = browser.Cookies["__Host-harden"].Value;
        }

        public Task DisposeAsync() => Test.DisposeAsync().AsTask();
    }
}
