using System.Net;
using System.Net.Http.Headers;
using Harden.Gateway.Tests.Identity;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Access;

/// <summary>Who asks, times why they aren't let through: the right answer for each.</summary>
public sealed class CallerTableTests(CallerTableTests.Fixture fixture) : IClassFixture<CallerTableTests.Fixture>
{
    private const string Navigation = "redirect redirect 403-page redirect 429-page";
    private const string Program = "401-problem 401-problem 403-problem 401-problem 429-problem";
    private const string OtherPage = "401-page 401-page 403-page 401-page 429-page";

    [Theory]
    [InlineData("navigation", Navigation)]
    [InlineData("older browser", Navigation)]
    [InlineData("HEAD navigation", "redirect redirect 403-empty redirect 429-empty")]
    [InlineData("form", OtherPage)]
    [InlineData("older browser's form", OtherPage)]
    [InlineData("frame", OtherPage)]
    [InlineData("prefetch", OtherPage)]
    [InlineData("fetch", Program)]
    [InlineData("fetch of HTML", Program)]
    [InlineData("fetch that changes something", Program)]
    [InlineData("XHR", Program)]
    [InlineData("EventSource", Program)]
    [InlineData("WebSocket", Program)]
    [InlineData("curl", Program)]
    [InlineData("no Accept", Program)]
    [InlineData("script", Program)]
    [InlineData("image", Program)]
    [InlineData("gRPC over HTTP/1.1", Program)]
    [InlineData("gRPC-Web", "200-grpc16 200-grpc16 200-grpc7 200-grpc16 200-grpc8")]
    public async Task Caller_GetsTheAnswerItCanUse(string caller, string answers)
    {
        string[] states = ["anonymous", "expired", "denied", "step-up", "limited"];
        var got = new List<string>();
        foreach (var state in states)
        {
            using var request = Request(caller, state);
            using var answer = await fixture.Test.Gateway.Client.SendAsync(request);
            got.Add(await ShapeAsync(answer));
            if ((int)answer.StatusCode >= 300)
                Assert.True(answer.Headers.CacheControl?.NoStore, $"{caller}, {state}: may be kept by a cache.");
            if (answer.StatusCode == HttpStatusCode.Unauthorized)
                Assert.NotEmpty(answer.Headers.WwwAuthenticate);
            if (answer.StatusCode == HttpStatusCode.Forbidden && answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
                Assert.Contains("error=\"insufficient_scope\"", Assert.Single(answer.Headers.WwwAuthenticate).Parameter, StringComparison.Ordinal);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                Assert.NotNull(answer.Headers.RetryAfter);
        }
        Assert.Equal(answers, string.Join(' ', got));
    }

    [Fact]
    public async Task FormSentAfterTheSessionEnded_IsAPageThatSaysSo_NeverARedirect()
    {
        using var request = Request("form", "expired");
        request.Content = new FormUrlEncodedContent([new("text", "an hour's work")]);

        using var answer = await fixture.Test.Gateway.Client.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains("<h1>Your form was not sent</h1>", page, StringComparison.Ordinal);
        Assert.Contains("Your session has ended", page, StringComparison.Ordinal);
        Assert.Contains("""href="/.harden/signin?returnUrl=%2F" target="_blank" rel="noopener">""", page, StringComparison.Ordinal);
        Assert.DoesNotContain("hour", page, StringComparison.Ordinal); // what was entered is not repeated
    }

    [Fact]
    public async Task Frame_MayBeReadInsideTheAppsOwnPages_AndNothingElse()
    {
        using var framed = await fixture.Test.Gateway.Client.SendAsync(Request("frame", "anonymous"));
        using var form = await fixture.Test.Gateway.Client.SendAsync(Request("form", "anonymous"));

        Assert.Contains("frame-ancestors 'self'", framed.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", form.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    private HttpRequestMessage Request(string caller, string state)
    {
        var path = state switch { "denied" => "/denied", "step-up" => "/pay", "limited" => "/limited", _ => "/x" };
        var request = new HttpRequestMessage(caller is "form" or "older browser's form" or "gRPC over HTTP/1.1" or "gRPC-Web" ? HttpMethod.Post : caller is "fetch that changes something" ? HttpMethod.Delete : caller is "HEAD navigation" ? HttpMethod.Head : HttpMethod.Get, path);
        var own = fixture.Test.Gateway.Address.GetLeftPart(UriPartial.Authority);
        (string, string)[] headers = caller switch
        {
            "navigation" or "HEAD navigation" => [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Site", "none"), ("Accept", "text/html,*/*;q=0.8")],
            "older browser" => [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")],
            "form" => [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Site", "same-origin"), ("Origin", own), ("Accept", "text/html")],
            "older browser's form" => [("Origin", own), ("Accept", "text/html")],
            "frame" => [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html")],
            "prefetch" => [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Sec-Purpose", "prefetch;prerender"), ("Accept", "text/html")],
            "fetch" => [("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"), ("Accept", "*/*")],
            "fetch of HTML" => [("Sec-Fetch-Mode", "same-origin"), ("Sec-Fetch-Dest", "empty"), ("Accept", "text/html")],
            "fetch that changes something" => [("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Site", "same-origin"), ("Origin", own)],
            "XHR" => [("X-Requested-With", "XMLHttpRequest"), ("Accept", "text/html, */*; q=0.01")],
            "EventSource" => [("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"), ("Accept", "text/event-stream")],
            "WebSocket" => [("Sec-Fetch-Mode", "websocket"), ("Origin", own), ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")],
            "curl" => [("Accept", "*/*"), ("User-Agent", "curl/8.14.1")],
            "script" => [("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "script"), ("Accept", "*/*")],
            "image" => [("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image"), ("Accept", "image/avif,image/webp,*/*;q=0.8")],
            _ => [],
        };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (caller.StartsWith("gRPC", StringComparison.Ordinal))
        {
            request.Headers.Add("Origin", own); // a browser's gRPC-Web has one; without it the session could not be used
            request.Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new MediaTypeHeaderValue(caller == "gRPC-Web" ? "application/grpc-web" : "application/grpc") } };
        }
        if (state is "expired" or "denied" or "step-up")
            request.Headers.Add("Cookie", $"__Host-harden={(state == "expired" ? new string('A', 43) : fixture.Session)}");
        return request;
    }

    private static async Task<string> ShapeAsync(HttpResponseMessage answer)
    {
        if (answer.StatusCode == HttpStatusCode.Redirect)
            return answer.Headers.Location!.OriginalString.StartsWith("/.harden/signin?returnUrl=%2F", StringComparison.Ordinal) ? "redirect" : "elsewhere";
        var body = await answer.Content.ReadAsStringAsync();
        return (int)answer.StatusCode + "-" + answer.Content.Headers.ContentType?.MediaType switch
        {
            "text/html" when body.Length == 0 => "empty",
            "text/html" => body.Contains("<h1>", StringComparison.Ordinal) ? "page" : body,
            "application/problem+json" => "problem",
            "application/grpc-web" => "grpc" + answer.Headers.GetValues("grpc-status").Single(),
            _ => body,
        };
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal EntraUnderTest Test { get; private set; } = null!;

        internal string Session { get; private set; } = "";

        public async Task InitializeAsync()
        {
            Test = await EntraUnderTest.StartAsync(static context => context.Response.WriteAsync("the app"), null,
                "Access:Rules:0:Paths:0=/denied", "Access:Rules:0:Roles:0=Nobody.Has", "Access:Rules:1:Paths:0=/pay", "Access:Rules:1:AuthContext=c1",
                "Access:Rules:2:Paths:0=/limited", "Access:Rules:2:Allow=Anonymous", "Access:Default=SignedIn",
                "RateLimits:Policies:0:Name=once", "RateLimits:Policies:0:Paths:0=/limited", "RateLimits:Policies:0:By:0=Address", "RateLimits:Policies:0:Permits=1", "RateLimits:Policies:0:Window=1.00:00:00");
            using var browser = await Test.SignInAsync("member");
            Session = browser.Cookies["__Host-harden"].Value;
            using var used = await Test.Gateway.Client.GetAsync("/limited");
        }

        public Task DisposeAsync() => Test.DisposeAsync().AsTask();
    }
}
