using Harden.Gateway.Tests.Infrastructure;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>One request in is one request out; what two servers could frame differently is refused and the connection closed.</summary>
public sealed class SmugglingTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private const string Second = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")] // TE and CL
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n")] // two lengths
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 5\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello")] // 1*DIGIT, RFC 9110 section 8.6
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5,5\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5;a\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \v5\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \u00a05\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00000000000000000000005\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n")] // space before the colon
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")] // obs-fold
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX-Folded: a\r\n b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\nHost: a\n\n")] // bare LF
    [InlineData("GET / HTTP/1.1\r\nHost: a\nX-Bare: 1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\rX-Bare: 1\r\n\r\n")] // bare CR
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX-Nul: a\0b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")] // no host
    [InlineData("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n")]
    [InlineData("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n")] // two hosts
    [InlineData("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task AmbiguousHead_Is400_ClosesAndReachesNobody(string request)
    {
        await using var prototype = RawPrototype.Answering(Ok);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        var answer = await RawClient.ExchangeAsync(gateway.Address, request + Second);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(prototype.Heads);
    }

    [Theory]
    [InlineData("2;\nxx\r\n0\r\n\r\n")] // CVE-2025-55315
    [InlineData("2;a=\nxx\r\n0\r\n\r\n")]
    [InlineData("2\nxx\r\n0\r\n\r\n")]
    [InlineData("2\r\nxxx\r\n0\r\n\r\n")]
    [InlineData("0x2\r\nxx\r\n0\r\n\r\n")]
    [InlineData("-1\r\nxx\r\n0\r\n\r\n")]
    [InlineData("fffffffffffffffff\r\nxx\r\n0\r\n\r\n")]
    [InlineData("2\r\nxx\r\n0\r\nX: a\nY: b\r\n\r\n")]
    public async Task BrokenChunk_EndsTheConnection_AndThePrototypeNeverSeesAWholeRequest(string chunks)
    {
        var whole = new TaskCompletionSource<bool>();
        await using var prototype = RawPrototype.Doing(async connection =>
        {
            await connection.ReadHeadAsync();
            var seen = "";
            while (await connection.ReadByteAsync() is { } next)
            {
                seen += (char)next;
                if (seen.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
                    whole.TrySetResult(true);
            }
            whole.TrySetResult(false);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        try
        {
            var answer = await RawClient.ExchangeAsync(gateway.Address, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + Second);
            Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
            Assert.Single(answer.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
        }
        catch (IOException)
        {
            // Reset: what was not read is lost with the connection, and the answer may be, too.
        }
        Assert.DoesNotContain(prototype.Heads, static head => head.Contains("smuggled", StringComparison.Ordinal));
        if (!prototype.Heads.IsEmpty)
            Assert.False(await whole.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Theory]
    [InlineData("5")]
    [InlineData(" \t 5 \t ")] // optional whitespace around a value is not of the value
    [InlineData("005")]
    public async Task LengthOfDigits_IsOneRequestWithThatLength(string length)
    {
        string? body = null;
        await using var prototype = RawPrototype.Doing(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                if (head.StartsWith("POST", StringComparison.Ordinal))
                    body = await connection.ReadAsync(5);
                await connection.WriteAsync(Ok);
            }
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        var answer = await RawClient.ExchangeAsync(gateway.Address,
            $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:{length}\r\n\r\nhelloGET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.Equal(2, answer.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.Equal("hello", body);
        Assert.Equal(["POST /", "GET /next"], prototype.Heads.Select(static head => head.Split(" HTTP")[0]));
        Assert.Contains("\r\nContent-Length: 5\r\n", prototype.Heads.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelined_RequestsAreForwardedOneByOne()
    {
        await using var prototype = RawPrototype.Answering(Ok);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        var answer = await RawClient.ExchangeAsync(gateway.Address,
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.Equal(3, answer.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.Equal(["GET /1", "POST /2", "GET /3"], prototype.Heads.Select(static head => head.Split(" HTTP")[0]));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")]
    public async Task AnswerNobodyAskedFor_IsNotGivenToTheNextCaller(string answer)
    {
        var first = true;
        await using var prototype = RawPrototype.Doing(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                await connection.WriteAsync(first ? answer : Ok);
                first = false;
            }
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/a"));
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/b"));
    }
}
