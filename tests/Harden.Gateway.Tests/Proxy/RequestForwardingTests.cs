using Harden.Gateway.Tests.Infrastructure;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>What of a request arrives at the prototype, byte by byte.</summary>
public sealed class RequestForwardingTests(RequestForwardingTests.Shared shared) : IClassFixture<RequestForwardingTests.Shared>
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [InlineData("/")]
    [InlineData("/?")]
    [InlineData("/a?b=c&d=%20e+f")]
    [InlineData("/caf%C3%A9/%e2%82%ac")]
    [InlineData("/a%20b/%7Euser/~user")]
    [InlineData("/a'b(c)!*$&+,=:@")]
    [InlineData("/a//b/")]
    [InlineData("/a?x=/../y/./z")]
    [InlineData("/a?x=%2f%2e%2e%5C;|{}[]^`")]
    [InlineData("/a?x=1?y=2")]
    [InlineData("/a?%")]
    [InlineData("/a?x=\"<>\\")]
    [InlineData("/%5Bid%5D/%7Bx%7D%22")]
    public async Task Target_ArrivesByteForByte(string target)
    {
        var line = (await HeadAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n")).Split("\r\n")[0];

        Assert.Equal($"GET {target} HTTP/1.1", line);
    }

    [Fact]
    public async Task AbsoluteTarget_ArrivesInOriginForm()
    {
        var head = await HeadAsync("GET http://app.test/a%20b?c HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("GET /a%20b?c HTTP/1.1\r\nHost: app.test\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BasePath_IsPutBeforeTheTarget()
    {
        await using var prototype = RawPrototype.Answering(Ok);
        await using var gateway = await GatewayUnderTest.StartAsync(new(prototype.Address, "/base/"));

        await gateway.Client.GetStringAsync("/a%20b?c");

        Assert.StartsWith("GET /base/a%20b?c HTTP/1.1\r\n", prototype.Heads.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BREW")]
    [InlineData("PROPFIND")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    public async Task Method_Arrives(string method) =>
        Assert.StartsWith($"{method} / HTTP/1.1\r\n", await HeadAsync($"{method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("X-Utf8: gr\u00c3\u00bc\u00c3\u009fe")] // the bytes of UTF-8, seen as Latin-1
    [InlineData("X-Latin: gr\u00fc\u00dfe")]
    [InlineData("X-Tab: a\tb")]
    [InlineData("X-Odd!#$%&'*+.^_`|~: \"quoted, (comment) \\ @")]
    [InlineData("Content-Disposition: attachment; filename=\"\u00e2\u0082\u00ac.txt\"")]
    [InlineData("Upgrade-Insecure-Requests: 1")]
    [InlineData("Accept-Encoding: br, zstd;q=0.5, x-weird")]
    [InlineData("User-Agent: ")]
    [InlineData("User-Agent: Mozilla/5.0 (X11; \u00e9) (;;) /")]
    [InlineData("If-Modified-Since: yesterday")]
    [InlineData("If-None-Match: W/\"x\", unquoted")]
    [InlineData("Range: bytes=0-4, -3")]
    [InlineData("Authorization: Custom   spaced   =value")]
    [InlineData("Content-Type: nonsense")]
    [InlineData("baggage: a=b;c")]
    [InlineData("Referer: not a uri")]
    [InlineData("Date: never")]
    [InlineData("Early-Data: 1")]
    public async Task Header_ArrivesByteForByte(string header) =>
        Assert.Contains($"\r\n{header}\r\n", await HeadAsync($"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{header}\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task Host_IsPreserved_AndForwardedHeadersAreSet()
    {
        var head = await HeadAsync("GET / HTTP/1.1\r\nHost: App.Test:8443\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_Host: evil\r\nForwarded: for=6.6.6.6\r\nConnection: close\r\n\r\n");

        Assert.Contains("\r\nHost: App.Test:8443\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Forwarded-For: 127.0.0.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Forwarded-Proto: http\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Forwarded-Host: App.Test:8443\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("6.6.6.6", head, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmptyHost_DoesNotArriveAsASecondOne()
    {
        var head = await HeadAsync("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n");

        Assert.Equal($"\r\nHost: {shared.Prototype.Address.Authority}\r\n", Assert.Single(System.Text.RegularExpressions.Regex.Matches(head, "\r\nHost:.*\r\n")).Value);
    }

    [Fact]
    public async Task Host_OfThePrototype_IfConfigured()
    {
        await using var prototype = RawPrototype.Answering(Ok);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Prototype:Host=Prototype");

        await gateway.Client.GetStringAsync("/");

        Assert.Contains($"\r\nHost: {prototype.Address.Authority}\r\n", prototype.Heads.Single(), StringComparison.Ordinal);
        Assert.Contains($"\r\nX-Forwarded-Host: {gateway.Address.Authority}\r\n", prototype.Heads.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NominatedHeader_IsDropped_ButNotThoseThatMatter()
    {
        shared.Prototype.Heads.Clear();
        using var client = await RawClient.ConnectAsync(shared.Gateway.Address);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nX-Mine: 1\r\nCookie: a=b\r\nAuthorization: x y\r\n"
            + "Connection: X-Mine, X-Forwarded-For, X-Forwarded-Proto, X-Harden-User, Cookie, Authorization, Host\r\nKeep-Alive: 5\r\nProxy-Authorization: z\r\nTE: trailers\r\n\r\n");
        await client.ReadUntilAsync("\r\n\r\nok");
        var head = Assert.Single(shared.Prototype.Heads);

        Assert.DoesNotContain("X-Mine", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Keep-Alive", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Proxy-Authorization", head, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\nTE:", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Forwarded-For: 127.0.0.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Forwarded-Proto: http\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nCookie: a=b\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nAuthorization: x y\r\n", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")]
    [InlineData("Upgrade: h2c\r\nConnection: Upgrade")]
    [InlineData("Upgrade: SPDY/3.1\r\nConnection: Upgrade")]
    [InlineData("Upgrade: websocket, h2c\r\nConnection: Upgrade")]
    [InlineData("Upgrade: TLS/1.3\r\nConnection: upgrade")]
    public async Task UpgradeToATunnel_IsNotForwarded(string headers)
    {
        await using var prototype = RawPrototype.Answering(Ok);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        using var client = await RawClient.ConnectAsync(gateway.Address);

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK", await client.ReadUntilAsync("\r\n\r\nok"), StringComparison.Ordinal);

        Assert.DoesNotContain("Upgrade", prototype.Heads.Single(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("HTTP2-Settings", prototype.Heads.Single(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Trace_OfTheGateway_ReplacesTheClients()
    {
        var head = await HeadAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\ntraceparent: 00-11111111111111111111111111111111-2222222222222222-01\r\ntracestate: evil=1\r\n\r\n");

        Assert.Matches("\r\ntraceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-9a-f]\r\n", head);
        Assert.DoesNotContain("1111111111111111", head, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RepeatedHeader_ArrivesWithEveryValue()
    {
        var head = await HeadAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Many: a\r\nX-Many: b, c\r\nX-Many: d\r\n\r\n");

        Assert.Contains("\r\nX-Many: a, b, c, d\r\n", head, StringComparison.Ordinal);
    }

    private async Task<string> HeadAsync(string request)
    {
        shared.Prototype.Heads.Clear();
        var answer = await RawClient.ExchangeAsync(shared.Gateway.Address, request);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        return Assert.Single(shared.Prototype.Heads);
    }

    /// <summary>One gateway for all of these, because starting one is most of a test's time.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal RawPrototype Prototype { get; } = RawPrototype.Answering(Ok);

        internal GatewayUnderTest Gateway { get; private set; } = null!;

        public async Task InitializeAsync() => Gateway = await GatewayUnderTest.StartAsync(Prototype.Address);

        public async Task DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Prototype.DisposeAsync();
        }
    }
}
