using System.Net;
using System.Net.Http.Headers;
using Harden.Gateway.Tests.Infrastructure;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>A prototype that is down, slow or broken: never a hang, never a stack trace, never half an answer that looks whole.</summary>
public sealed class MisbehavingPrototypeTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task NotStarted_Is502WithTheReference(string method)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new($"http://127.0.0.1:{FreePorts.One()}"));

        using var answer = await gateway.Client.SendAsync(new(new(method), "/") { Content = method == "POST" ? new StringContent("x") : null });

        await ShouldExplainAsync(answer, HttpStatusCode.BadGateway, "Is it started?");
    }

    [Fact]
    public async Task NotStarted_ShowsAPageToABrowser()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new($"http://127.0.0.1:{FreePorts.One()}"), "Prototype:RestartWait=00:00:00");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Accept.ParseAdd("text/html");

        using var answer = await gateway.Client.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Is it started?", page, StringComparison.Ordinal);
        Assert.Contains(answer.Headers.GetValues("X-Harden-Trace").Single(), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restarting_IsWaitedFor_AlsoByAPost()
    {
        var port = FreePorts.One();
        await using var gateway = await GatewayUnderTest.StartAsync(new($"http://127.0.0.1:{port}"), "Prototype:RestartWait=00:00:30");

        var asked = gateway.Client.PostAsync("/", new StringContent("hello"));
        await Task.Delay(100); // not a wait for a condition: the prototype is to come up late
        string? body = null;
        await using var prototype = RawPrototype.Doing(async connection =>
        {
            if (await connection.ReadHeadAsync() is null)
                return; // the health probe
            body = await connection.ReadAsync(5);
            await connection.WriteAsync(Ok);
        }, port);
        using var answer = await asked;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("hello", body);
        Assert.Single(prototype.Heads);
    }

    [Fact]
    public async Task Silent_Is504AfterTheTimeout()
    {
        await using var prototype = RawPrototype.Doing(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.ReadByteAsync();
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Prototype:Timeout=00:00:01");

        using var answer = await gateway.Client.GetAsync("/");

        await ShouldExplainAsync(answer, HttpStatusCode.GatewayTimeout, "did not answer in time");
    }

    [Fact]
    public async Task SlowClient_IsNoSlowPrototype()
    {
        await using var prototype = RawPrototype.Doing(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.ReadAsync(4);
            await connection.WriteAsync(Ok);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Prototype:Timeout=00:00:05");
        using var client = await RawClient.ConnectAsync(gateway.Address);

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
        await Task.Delay(6000); // longer than the prototype's time, which must not run meanwhile
        await client.SendAsync("cd");

        Assert.StartsWith("HTTP/1.1 200 OK", await client.ReadUntilAsync("\r\n\r\nok"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SilenceWithinAStream_IsNoTimeout()
    {
        var goOn = new TaskCompletionSource();
        await using var prototype = RawPrototype.Doing(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
            await goOn.Task;
            await connection.WriteAsync("3\r\nend\r\n0\r\n\r\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Prototype:Timeout=00:00:05");
        using var client = await RawClient.ConnectAsync(gateway.Address);

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await client.ReadUntilAsync("2\r\nok\r\n");
        await Task.Delay(6000); // longer than the timeout
        goOn.SetResult();

        Assert.Equal("3\r\nend\r\n0\r\n\r\n", await client.ReadUntilAsync("0\r\n\r\n"));
    }

    [Theory]
    [InlineData("")] // closes at once
    [InlineData("HTTP/1.1 200 O")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task ClosedBeforeABody_Is502(string sent) => await ShouldBeBadGatewayAsync(sent, "closed the connection");

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    [InlineData("HTTP/9.9 what\r\n\r\n")]
    [InlineData("HTTP/1.1 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Control: a\u0001b\r\n\r\nok")]
    [InlineData("\u0000\u0001\u0002\u0003\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")]
    public async Task Garbage_Is502(string sent) => await ShouldBeBadGatewayAsync(sent, null);

    [Fact]
    public async Task EndlessHeaders_Are502() =>
        await ShouldBeBadGatewayAsync("HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, 40_000).Select(static i => $"X-{i}: aaaaaaaaaaaa\r\n")) + "\r\n", null);

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", false)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", true)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n", false)]
    [InlineData("Content-Length: 5\r\n\r\n", false)]
    [InlineData("Content-Length: 5\r\n\r\nok", false)]
    public async Task BrokenOffWithinABody_IsVisiblyBroken(string sent, bool reset)
    {
        var headersSeen = new TaskCompletionSource();
        await using var prototype = RawPrototype.Doing(async connection =>
        {
            if (await connection.ReadHeadAsync() is null)
                return;
            await connection.WriteAsync("HTTP/1.1 200 OK\r\n" + sent);
            await headersSeen.Task;
            if (reset)
                connection.Reset();
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        using var answer = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        headersSeen.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task PostWithoutBody_IsNotSentTwice()
    {
        var first = true;
        await using var prototype = RawPrototype.Doing(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                if (!first)
                    return; // crashes while it works on the second request
                first = false;
                await connection.WriteAsync(Ok);
            }
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        await gateway.Client.GetStringAsync("/");
        using var answer = await gateway.Client.PostAsync("/charge", null);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Single(prototype.Heads, static head => head.StartsWith("POST /charge", StringComparison.Ordinal));
    }

    private static async Task ShouldBeBadGatewayAsync(string sent, string? detail)
    {
        await using var prototype = RawPrototype.Doing(async connection =>
        {
            if (await connection.ReadHeadAsync() is not null)
                await connection.WriteAsync(sent);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        using var answer = await gateway.Client.GetAsync("/");
        await ShouldExplainAsync(answer, HttpStatusCode.BadGateway, detail);
    }

    private static async Task ShouldExplainAsync(HttpResponseMessage answer, HttpStatusCode status, string? detail)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(new MediaTypeHeaderValue("application/problem+json"), answer.Content.Headers.ContentType);
        Assert.Contains(answer.Headers.GetValues("X-Harden-Trace").Single(), text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
        if (detail is not null)
            Assert.Contains(detail, text, StringComparison.Ordinal);
    }
}
