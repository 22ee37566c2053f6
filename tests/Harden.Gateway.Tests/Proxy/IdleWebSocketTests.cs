using System.Net;
using System.Net.WebSockets;
using System.Text;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>The prototype's time is for its answer to begin. A WebSocket has begun with the handshake.</summary>
public sealed class IdleWebSocketTests
{
    [Theory]
    [InlineData("http", "Never")]
    [InlineData("http", "Always")]
    [InlineData("h2c", "Never")]
    [InlineData("h2c", "Always")]
    public async Task SilenceLongerThanThePrototypesTime_ClosesNothing(string client, string http2)
    {
        var speak = new TaskCompletionSource();
        await using var prototype = await TestPrototype.StartAsync(
            WithWebSockets(async context =>
            {
                if (!context.WebSockets.IsWebSocketRequest)
                    return;
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await speak.Task;
                await socket.SendAsync("after silence"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, default);
                var heard = new byte[100];
                var got = await socket.ReceiveAsync(heard, default);
                await socket.SendAsync(heard.AsMemory(0, got.Count), WebSocketMessageType.Text, endOfMessage: true, default);
                await socket.ReceiveAsync(heard, default);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
            }),
            http2 == "Always" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"Edge:Listen:0={client}://127.0.0.1:0", "Prototype:Timeout=00:00:05", $"Prototype:Http2={http2}");
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = client == "h2c" ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.KeepAliveInterval = TimeSpan.Zero; // not even pings
        await socket.ConnectAsync(new($"ws://{gateway.Address.Authority}/"), invoker, default);

        await Task.Delay(6000); // longer than the prototype's time, which a busy machine needs for the handshake
        speak.SetResult();

        Assert.Equal("after silence", await ReceiveAsync(socket));
        await socket.SendAsync("and back"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, default);
        Assert.Equal("and back", await ReceiveAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[100];
        var got = await socket.ReceiveAsync(buffer, default).WaitAsync(TimeSpan.FromSeconds(60));
        return Encoding.UTF8.GetString(buffer, 0, got.Count);
    }

    private static RequestDelegate WithWebSockets(RequestDelegate handle) =>
        new WebSocketMiddleware(handle, Options.Create(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero }), NullLoggerFactory.Instance).Invoke;
}
