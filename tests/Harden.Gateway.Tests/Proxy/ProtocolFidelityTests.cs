using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>Every protocol of a client against every protocol of a prototype.</summary>
public sealed class ProtocolFidelityTests(ProtocolMatrix matrix) : IClassFixture<ProtocolMatrix>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static TheoryData<string, string> Pairs => ProtocolMatrix.Pairs();

    public static TheoryData<string, string> Http2Pairs => new()
    {
        { "https/2", "h2c" }, { "https/2", "tls" }, { "h2c", "h2c" }, { "h2c", "tls" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Get_SpeaksTheProtocolsOfBothSides(string client, string app)
    {
        using var http = matrix.Client(client, app);
        using var answer = await http.GetAsync("/protocol");

        Assert.Equal(client is "http/1.1" or "https/1.1" ? HttpVersion.Version11 : HttpVersion.Version20, answer.Version);
        Assert.Equal($"HTTP/{(app == "http/1.1" ? "1.1" : "2")} {http.BaseAddress!.Authority} {http.BaseAddress.Scheme}", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Body_OfKnownAndUnknownLength_ComesBack(string client, string app)
    {
        using var http = matrix.Client(client, app);
        var body = new byte[3_000_001];
        Random.Shared.NextBytes(body);

        foreach (var content in (HttpContent[])[new ByteArrayContent(body), new StreamContent(new Unseekable(body))])
        {
            using var answer = await http.PostAsync("/echo", content);
            var back = await answer.Content.ReadAsByteArrayAsync();
            Assert.True(body.AsSpan().SequenceEqual(back));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Head_Range_AndCookies_AreAsThePrototypeMeant(string client, string app)
    {
        using var http = matrix.Client(client, app);
        using var head = await http.SendAsync(new(HttpMethod.Head, "/range") { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy });
        using var part = new HttpRequestMessage(HttpMethod.Get, "/range") { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
        part.Headers.Range = new RangeHeaderValue(2, 4);
        using var ranged = await http.SendAsync(part);
        using var cookies = await http.GetAsync("/cookies");

        Assert.Equal(10, head.Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.PartialContent, ranged.StatusCode);
        Assert.Equal("bytes 2-4/10", ranged.Content.Headers.ContentRange?.ToString());
        Assert.Equal("234", await ranged.Content.ReadAsStringAsync());
        Assert.Equal(["a=1; Path=/", "b=2", "a=3"], cookies.Headers.GetValues("Set-Cookie"));
    }

    [Theory]
    [MemberData(nameof(Http2Pairs))] // Kestrel sends none over HTTP/1.1, where RFC 9110 section 6.5.1 lets a proxy drop them
    public async Task Trailers_Arrive(string client, string app)
    {
        using var http = matrix.Client(client, app);
        using var answer = await http.GetAsync("/trailers");

        Assert.Equal("body", await answer.Content.ReadAsStringAsync());
        Assert.Equal("42", answer.TrailingHeaders.GetValues("X-Sum").Single());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Events_AreFlushedOneByOne(string client, string app)
    {
        matrix.Renew();
        using var http = matrix.Client(client, app);
        using var answer = await http.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead); // headers before any event
        using var events = new StreamReader(await answer.Content.ReadAsStreamAsync());
        foreach (var word in (string[])["first", "second", "third"])
        {
            await matrix.Lines.Writer.WriteAsync(word);
            Assert.Equal("data: " + word, await events.ReadLineAsync().WaitAsync(Patience)); // before the next is said
            Assert.Equal("", await events.ReadLineAsync().WaitAsync(Patience));
        }
        matrix.Lines.Writer.Complete();
        Assert.Null(await events.ReadLineAsync().WaitAsync(Patience));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task PrototypeThatCrashesWithinItsAnswer_BreaksTheClientsToo(string client, string app)
    {
        matrix.Renew();
        using var http = matrix.Client(client, app);
        using var answer = await http.GetAsync("/crash", HttpCompletionOption.ResponseHeadersRead);
        using var neighbour = await http.GetAsync("/hang", HttpCompletionOption.ResponseHeadersRead); // over HTTP/2, on the same connection
        var silence = (await neighbour.Content.ReadAsStreamAsync()).ReadAsync(new byte[1]).AsTask();
        var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[4]).AsTask().WaitAsync(Patience);
        await matrix.Lines.Writer.WriteAsync("now");

        var broken = await Assert.ThrowsAnyAsync<IOException>(() => body.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        if (client is "https/2" or "h2c")
            Assert.NotEqual(0, Assert.IsType<HttpProtocolException>(broken as HttpProtocolException ?? broken.InnerException).ErrorCode); // of RST_STREAM
        await http.GetStringAsync("/protocol");
        Assert.False(silence.IsCompleted);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task ExpectContinue_ThePrototypeDecides(string client, string app)
    {
        using var http = matrix.Client(client, app);
        foreach (var (path, status) in ((string, HttpStatusCode)[])[("/echo", HttpStatusCode.OK), ("/refuse", HttpStatusCode.ExpectationFailed)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("hello"), Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
            request.Headers.ExpectContinue = true;
            using var answer = await http.SendAsync(request);
            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task ClientThatLeaves_IsNoticedByThePrototype(string client, string app)
    {
        using var http = matrix.Client(client, app);
        using var leave = new CancellationTokenSource();
        using (await http.GetAsync("/hang", HttpCompletionOption.ResponseHeadersRead, leave.Token))
            await leave.CancelAsync();

        await matrix.Aborted.Task.WaitAsync(Patience);
        matrix.Renew();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task WebSocket_Echoes_WithSubprotocolAndCloseCode(string client, string app)
    {
        using var invoker = new HttpMessageInvoker(ProtocolMatrix.Handler());
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = client is "https/2" or "h2c" ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.AddSubProtocol("chat.v2");
        socket.Options.KeepAliveInterval = TimeSpan.Zero; // nothing but silence between the messages
        await socket.ConnectAsync(new UriBuilder(matrix.Address(client, app)) { Scheme = client.StartsWith("https", StringComparison.Ordinal) ? "wss" : "ws", Path = "/socket" }.Uri, invoker, default);
        Assert.Equal("chat.v2", socket.SubProtocol);

        foreach (var size in (int[])[5, 0, 125, 126, 60_000])
        {
            var message = Encoding.ASCII.GetBytes(new string('x', size));
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, default);
            var back = new MemoryStream();
            WebSocketReceiveResult part;
            do
            {
                var buffer = new byte[1 << 16];
                part = await socket.ReceiveAsync(buffer, default);
                back.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            Assert.Equal(message, back.ToArray());
        }

        await socket.CloseAsync((WebSocketCloseStatus)4001, "bye", default).WaitAsync(Patience);
        Assert.Equal(4000, (int?)socket.CloseStatus);
        Assert.Equal("as you like", socket.CloseStatusDescription);
    }

    [Theory]
    [MemberData(nameof(Http2Pairs))]
    public async Task Grpc_TalksBothWays_AndEndsWithTrailers(string client, string app)
    {
        using var http = matrix.Client(client, app);
        using var talk = new Talk();
        using var answer = await http.SendAsync(Grpc(http, talk), HttpCompletionOption.ResponseHeadersRead);
        if (answer.Content.Headers.ContentType?.MediaType != "application/grpc")
            Assert.Fail(await answer.Content.ReadAsStringAsync());
        var stream = await answer.Content.ReadAsStreamAsync();
        foreach (var word in (string[])["one", "two", "three"])
        {
            byte[] message = [0, 0, 0, 0, (byte)word.Length, .. Encoding.ASCII.GetBytes(word)];
            await talk.SayAsync(message);
            Assert.Equal(message, await ProtocolMatrix.ReadMessageAsync(stream)); // before the next is sent
        }
        talk.End();
        Assert.Null(await ProtocolMatrix.ReadMessageAsync(stream));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal("fine", answer.TrailingHeaders.GetValues("grpc-message").Single());
    }

    [Theory]
    [MemberData(nameof(Http2Pairs))]
    public async Task Grpc_TrailersOnly_ArrivesAsHeaders(string client, string app)
    {
        using var http = matrix.Client(client, app);
        using var request = Grpc(http, new ByteArrayContent([0, 0, 0, 0, 0]));
        request.Headers.Add("x-fail", "1");
        using var answer = await http.SendAsync(request);

        Assert.Equal("7", answer.Headers.GetValues("grpc-status").Single());
    }

    private static HttpRequestMessage Grpc(HttpClient http, HttpContent content)
    {
        content.Headers.ContentType = new("application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, "/grpc.Test/Echo") { Content = content, Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
        request.Headers.TE.Add(new("trailers"));
        return request;
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
