using System.Net.WebSockets;
using System.Text;
using Harden.Audit;
using Harden.Audit.Bodies;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Audit;

public sealed class AuditStreamTests
{
    [Fact]
    public async Task EventStream_IsOnRecordWithItsStatusWhileItRuns()
    {
        var release = new TaskCompletionSource();
        await using var prototype = await TestPrototype.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: one\n\n");
            await context.Response.Body.FlushAsync();
            await release.Task;
            await context.Response.WriteAsync("data: two\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        using var answer = await gateway.Client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead);
        var open = await Recorded.Until(() => gateway.Reader().Read(new() { Text = "/events" }).FirstOrDefault(static v => v.Entry.Stage == EntryStage.Progress), "progress");
        Assert.Equal((AuditState.Open, 200), (open.State, open.Entry.Http!.Status));
        Assert.Equal("text/event-stream", open.Entry.Http.ResponseHeaders["content-type"]);

        release.SetResult();
        Assert.Equal("data: one\n\ndata: two\n\n", await answer.Content.ReadAsStringAsync());
        Assert.Equal(22, (await gateway.RecordOf("/events")).Entry.Body!.Response!.Bytes);
    }

    [Fact]
    public async Task WebSocket_IsOnRecordWhileOpenAndCountedAtItsEnd()
    {
        await using var prototype = await TestPrototype.StartAsync(ServerSocket.EchoOnceAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:Rules:0:Level=RequestResponse", "Audit:Rules:0:Bodies:JsonPointers:0=/**");
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://{gateway.Address.Authority}/socket"), default);

        var open = await Recorded.Until(() => gateway.Reader().Read(new() { Text = "/socket" }).FirstOrDefault(static v => v.Entry.Stage == EntryStage.Progress), "progress");
        Assert.Equal((AuditState.Open, 101), (open.State, open.Entry.Http!.Status));

        await client.SendAsync("""{"say":"hello","password":"hunter2"}"""u8.ToArray(), WebSocketMessageType.Text, true, default);
        var echo = new byte[100];
        Assert.Equal(36, (await client.ReceiveAsync(echo, default)).Count);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        var view = await gateway.RecordOf("/socket");
        Assert.Equal(101, view.Entry.Http!.Status);
        var (up, down) = (view.Entry.Body!.Request!, view.Entry.Body.Response!);
        Assert.InRange(up.Bytes, 42, 100); // frames: header, mask and payload
        Assert.InRange(down.Bytes, 38, 100);
        Assert.Equal((1L, 1L, 1000, 0L), (up.Frames!.Text, up.Frames.Close, up.Frames.CloseCode, up.Frames.Unparsed));
        Assert.Equal((1L, 1L, 1000, 0L), (down.Frames!.Text, down.Frames.Close, down.Frames.CloseCode, down.Frames.Unparsed));
        Assert.Equal("client", view.Entry.Body.ClosedBy);
        foreach (var side in (BodySide[])[BodySide.Request, BodySide.Response])
        {
            var opened = gateway.Services.GetRequiredService<BodyReader>().Open(view.Entry, side);
            Assert.Equal("""{"say":"hello","password":"*"}""" + "\n", Encoding.UTF8.GetString(opened.Bytes!));
        }
    }

    [Fact]
    public async Task CompressedWebSocketMessages_AreKeptAndRedactedLikeOthers()
    {
        await using var prototype = await TestPrototype.StartAsync(static async context =>
        {
            using var socket = await ServerSocket.AcceptAsync(context, compresses: true);
            var buffer = new byte[1000];
            for (ValueWebSocketReceiveResult got; (got = await socket.ReceiveAsync(buffer.AsMemory(), default)).MessageType != WebSocketMessageType.Close;)
                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, default);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:Rules:0:Level=RequestResponse", "Audit:Rules:0:Bodies:JsonPointers:0=/**");
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new();
        await client.ConnectAsync(new Uri($"ws://{gateway.Address.Authority}/socket"), default);
        var echo = new byte[100];
        foreach (var say in (string[])["hello", "hello again"])
        {
            var message = Encoding.UTF8.GetBytes($$"""{"say":"{{say}}","password":"hunter2"}""");
            await client.SendAsync(message, WebSocketMessageType.Text, true, default);
            Assert.Equal(message, echo[..(await client.ReceiveAsync(echo, default)).Count]);
        }
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);

        var view = await gateway.RecordOf("/socket");
        foreach (var (side, body) in ((BodySide, AuditBody)[])[(BodySide.Request, view.Entry.Body!.Request!), (BodySide.Response, view.Entry.Body.Response!)])
        {
            Assert.Equal((2L, 2L, 0L), (body.Frames!.Text, body.Frames.Compressed, body.Frames.Unparsed));
            var opened = gateway.Services.GetRequiredService<BodyReader>().Open(view.Entry, side);
            Assert.Equal("""{"say":"hello","password":"*"}""" + "\n" + """{"say":"hello again","password":"*"}""" + "\n", Encoding.UTF8.GetString(opened.Bytes!));
        }
    }

    [Fact]
    public async Task WebSocketMessagesThatOnlyBeginLikeJson_SoonAreNotTriedAnyMore()
    {
        await using var prototype = await TestPrototype.StartAsync(static async context =>
        {
            using var socket = await ServerSocket.AcceptAsync(context);
            while ((await socket.ReceiveAsync(new byte[100], default)).MessageType != WebSocketMessageType.Close)
            {
            }
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:Rules:0:Level=RequestResponse");
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://{gateway.Address.Authority}/socket"), default);
        foreach (var message in (string[])["{}", .. Enumerable.Repeat("{", 10), "{}"])
            await client.SendAsync(Encoding.ASCII.GetBytes(message), WebSocketMessageType.Text, true, default);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);

        var opened = gateway.Services.GetRequiredService<BodyReader>().Open((await gateway.RecordOf("/socket")).Entry, BodySide.Request);

        Assert.Equal("{}\n" + string.Concat(Enumerable.Repeat("(undecodable, 1 bytes)\n", 10)) + "(undecodable, 2 bytes)\n", Encoding.UTF8.GetString(opened.Bytes!));
    }

    [Fact]
    public async Task ClientThatLeaves_IsOnRecordAsAborted()
    {
        var arrived = new TaskCompletionSource();
        await using var prototype = await TestPrototype.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        using (var answer = await gateway.Client.GetAsync("/left", HttpCompletionOption.ResponseHeadersRead))
            await arrived.Task;

        Assert.Equal("aborted", (await gateway.RecordOf("/left")).Entry.Body!.Response!.End);
    }
}
