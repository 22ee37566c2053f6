using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Harden.Gateway.Tests.Infrastructure;

/// <summary>A prototype's end of a WebSocket over HTTP/1.1, with the handshake (RFC 6455, 4.2.2) written by hand.</summary>
internal static class ServerSocket
{
    public static async Task<WebSocket> AcceptAsync(HttpContext context, bool compresses = false)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>()!;
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(context.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        if (compresses)
            context.Response.Headers.SecWebSocketExtensions = "permessage-deflate";
        return WebSocket.CreateFromStream(await upgrade.UpgradeAsync(), new WebSocketCreationOptions { IsServer = true, DangerousDeflateOptions = compresses ? new() : null });
    }

    /// <summary>Says the first message back, and closes when the client does.</summary>
    public static async Task EchoOnceAsync(HttpContext context)
    {
        using var socket = await AcceptAsync(context);
        var buffer = new byte[100];
        var got = await socket.ReceiveAsync(buffer, default);
        await socket.SendAsync(buffer.AsMemory(0, got.Count), WebSocketMessageType.Text, true, default);
        await socket.ReceiveAsync(buffer, default);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
    }
}
