using Harden.Gateway.Tests.Infrastructure;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>What of an answer arrives at the client: everything as it was, except what names an address only Harden can reach.</summary>
public sealed class ResponseTests
{
    [Theory]
    [InlineData("Location: {private}/login?next=/a%20b", "Location: http://app.test:8443/login?next=/a%20b")]
    [InlineData("Location: {private}", "Location: http://app.test:8443")]
    [InlineData("Location: http://localhost:{port}/x", "Location: http://app.test:8443/x")]
    [InlineData("Location: HTTP://127.0.0.1:{port}/x", "Location: http://app.test:8443/x")]
    [InlineData("Location: http://[::1]:{port}?x", "Location: http://app.test:8443?x")]
    [InlineData("Location: http://localhost:1{port}/x", "Location: http://localhost:1{port}/x")]
    [InlineData("Location: http://localhost:{port}0/x", "Location: http://localhost:{port}0/x")]
    [InlineData("Location: http://localhost:{port}@evil.test/", "Location: http://localhost:{port}@evil.test/")]
    [InlineData("Location: https://login.example.com/?return={private}/x", "Location: https://login.example.com/?return={private}/x")]
    [InlineData("Location: /relative", "Location: /relative")]
    [InlineData("Location: ../caf\u00c3\u00a9", "Location: ../caf\u00c3\u00a9")]
    [InlineData("Content-Location: {private}/doc/1", "Content-Location: http://app.test:8443/doc/1")]
    [InlineData("Refresh: 5; url={private}/later", "Refresh: 5; url=http://app.test:8443/later")]
    [InlineData("Refresh: 0;URL='{private}/later'", "Refresh: 0;URL='http://app.test:8443/later'")]
    [InlineData("Refresh: 5", "Refresh: 5")]
    [InlineData("Set-Cookie: a=b; Path=/; Domain=localhost; HttpOnly", "Set-Cookie: a=b; Path=/; Domain=app.test; HttpOnly")]
    [InlineData("Set-Cookie: a=b; domain = .127.0.0.1", "Set-Cookie: a=b; domain =app.test")]
    [InlineData("Set-Cookie: a=\"Domain=localhost\"; Domain=example.com; Secure", "Set-Cookie: a=\"Domain=localhost\"; Domain=example.com; Secure")]
    [InlineData("Set-Cookie: weird; ;=;Expires=Thu, 01 Jan 1970 00:00:00 GMT;\u00e9", "Set-Cookie: weird; ;=;Expires=Thu, 01 Jan 1970 00:00:00 GMT;\u00e9")]
    [InlineData("Content-Disposition: attachment; filename=\"\u00e2\u0082\u00ac \u00c3\u00bc.txt\"", "Content-Disposition: attachment; filename=\"\u00e2\u0082\u00ac \u00c3\u00bc.txt\"")]
    [InlineData("X-Latin: gr\u00fc\u00dfe\tx", "X-Latin: gr\u00fc\u00dfe\tx")]
    [InlineData("Content-Type: nonsense; ;", "Content-Type: nonsense; ;")]
    [InlineData("Date: Thu, 01 Jan 1970 00:00:00 GMT", "Date: Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData("Server: Werkzeug/3.0 Python/3.12", "Server: Werkzeug/3.0 Python/3.12")]
    [InlineData("Cache-Control: no-cache, x-y=\"z\"", "Cache-Control: no-cache, x-y=\"z\"")]
    [InlineData("ETag: W/\"odd", "ETag: W/\"odd")]
    [InlineData("Content-Security-Policy: default-src 'self'", "Content-Security-Policy: default-src 'self'")]
    [InlineData("Expires: -1", "Expires: -1")]
    [InlineData("WWW-Authenticate: Basic realm=\"x\", Custom y", "WWW-Authenticate: Basic realm=\"x\", Custom y")]
    [InlineData("Content-Encoding: br", "Content-Encoding: br")]
    [InlineData("Access-Control-Allow-Origin: {private}", "Access-Control-Allow-Origin: {private}")]
    [InlineData("Trailer: X-T", "Trailer: X-T")]
    public async Task Header_Arrives(string sent, string arrives)
    {
        var (answer, prototype) = await AnswerAsync(port => $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{Fill(sent, port)}\r\n\r\nok");

        Assert.Contains($"\r\n{Fill(arrives, prototype)}\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Set-Cookie: __Host-harden=stolen; Path=/; Secure")]
    [InlineData("Set-Cookie: __host-Harden-1=stolen")]
    [InlineData("X-Harden-Trace: forged")]
    [InlineData("Alt-Svc: h3=\":443\"")]
    [InlineData("Keep-Alive: timeout=5")]
    [InlineData("Proxy-Authenticate: Basic")]
    [InlineData("X-Hop: 1\r\nConnection: X-Hop")]
    public async Task Header_IsDropped(string sent)
    {
        var (answer, _) = await AnswerAsync(_ => $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{sent}\r\n\r\nok");

        Assert.DoesNotContain(sent.Split("\r\n")[0], answer, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RepeatedSetCookie_StaysRepeated()
    {
        var (answer, _) = await AnswerAsync(static _ => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=1, 2; Path=/\r\nSet-Cookie: b=2\r\nSet-Cookie: __Host-harden=x\r\nSet-Cookie: a=3\r\n\r\n");

        Assert.Contains("\r\nSet-Cookie: a=1, 2; Path=/\r\nSet-Cookie: b=2\r\nSet-Cookie: a=3\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("200 OK")]
    [InlineData("200 Everything's fine")]
    [InlineData("201 Created")]
    [InlineData("299 Odd")]
    [InlineData("302 Moved")]
    [InlineData("418 I'm a teapot")]
    [InlineData("451 Unavailable For Legal Reasons")]
    [InlineData("500 Internal Server Error")]
    [InlineData("599 Whatever")]
    [InlineData("799 Beyond")]
    public async Task StatusAndReason_Arrive(string status)
    {
        var (answer, _) = await AnswerAsync(_ => $"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok");

        Assert.StartsWith($"HTTP/1.1 {status}\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "204 No Content", "", "")]
    [InlineData("GET", "304 Not Modified", "ETag: \"x\"\r\n", "")]
    [InlineData("GET", "304 Not Modified", "Content-Length: 5\r\n", "")]
    [InlineData("HEAD", "200 OK", "Content-Length: 12345\r\n", "")]
    [InlineData("HEAD", "200 OK", "Transfer-Encoding: chunked\r\n", "")]
    [InlineData("GET", "200 OK", "Content-Length: 0\r\n", "")]
    public async Task AnswerWithoutBody_HasNone(string method, string status, string headers, string body)
    {
        var (answer, _) = await AnswerAsync(_ => $"HTTP/1.1 {status}\r\n{headers}\r\n", method);

        Assert.StartsWith($"HTTP/1.1 {status}\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, answer, StringComparison.Ordinal);
        if (!headers.StartsWith("Transfer", StringComparison.Ordinal))
            Assert.Contains("\r\n" + headers, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("chunked", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InterimAnswers_DontDisturbTheFinalOne()
    {
        var (answer, _) = await AnswerAsync(static _ => "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

        Assert.Contains("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BodyThatEndsWithTheConnection_ArrivesWhole()
    {
        await using var prototype = RawPrototype.Doing(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.0 200 OK\r\n\r\nto the end");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        Assert.Equal("to the end", await gateway.Client.GetStringAsync("/"));
    }

    [Fact]
    public async Task BasePath_IsTakenOffARedirect()
    {
        await using var prototype = RawPrototype.Doing(static async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
                await connection.WriteAsync($"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://{head.Split("Host: ")[1].Split("\r\n")[0]}/base/next\r\n\r\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(new(prototype.Address, "/base"), "Prototype:Host=Prototype");

        using var answer = await gateway.Client.GetAsync("/first");

        Assert.Equal(new Uri(gateway.Address, "/next"), answer.Headers.Location);
        Assert.StartsWith("GET /base/first ", prototype.Heads.Single(), StringComparison.Ordinal);
    }

    private static string Fill(string text, Uri prototype) =>
        text.Replace("{private}", prototype.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal).Replace("{port}", $"{prototype.Port}", StringComparison.Ordinal);

    private static async Task<(string Answer, Uri Prototype)> AnswerAsync(Func<Uri, string> answer, string method = "GET")
    {
        RawPrototype? self = null;
        await using var prototype = self = RawPrototype.Doing(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
                await connection.WriteAsync(answer(self!.Address));
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        return (await RawClient.ExchangeAsync(gateway.Address, $"{method} / HTTP/1.1\r\nHost: app.test:8443\r\nConnection: close\r\n\r\n"), prototype.Address);
    }
}
