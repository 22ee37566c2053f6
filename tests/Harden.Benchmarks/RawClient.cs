using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harden.Benchmarks;

/// <summary>Streams and long bodies over plain blocking sockets, so that the client's own memory and pace play no part.</summary>
internal sealed class RawClient(int port, string headers)
{
    /// <summary>Opens an event stream and reads its first event.</summary>
    public Socket OpenEvents() => Open("GET /events HTTP/1.1\r\n", "data: ready");

    /// <summary>Opens a WebSocket.</summary>
    public Socket OpenWebSocket() => Open(
        "GET /socket HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", " 101 ");

    /// <summary>Sends a body and makes sure that all of it arrived.</summary>
    public void Upload(long bytes)
    {
        using var socket = Send($"POST /sink HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: {bytes}\r\n");
        var chunk = new byte[64 * 1024];
        for (var left = bytes; left > 0; left -= Math.Min(chunk.Length, left))
            socket.Send(chunk.AsSpan(0, (int)Math.Min(chunk.Length, left)));
        ReadUntil(socket, bytes.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Reads a body and makes sure that it is complete.</summary>
    public void Download(long bytes)
    {
        using var socket = Send($"GET /source?bytes={bytes} HTTP/1.1\r\nConnection: close\r\n");
        var chunk = new byte[64 * 1024];
        var total = 0L;
        while (socket.Receive(chunk) is > 0 and var got)
            total += got;
        if (total < bytes || total > bytes + 4096)
            throw new InvalidOperationException($"{bytes} bytes were to be downloaded; {total} arrived, headers included.");
    }

    private Socket Open(string head, string expected)
    {
        var socket = Send(head);
        ReadUntil(socket, expected);
        return socket;
    }

    private Socket Send(string head)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        socket.Send(Encoding.ASCII.GetBytes($"{head}Host: localhost:{port}\r\n{headers}\r\n"));
        return socket;
    }

    private static void ReadUntil(Socket socket, string expected)
    {
        var buffer = new byte[16 * 1024];
        var filled = 0;
        while (buffer.AsSpan(0, filled).IndexOf(Encoding.ASCII.GetBytes(expected)) < 0)
        {
            var got = socket.Receive(buffer.AsSpan(filled));
            if (got == 0)
                throw new InvalidOperationException($"\"{expected}\" was to come; the answer was:\n{Encoding.ASCII.GetString(buffer, 0, filled)}");
            filled += got;
        }
    }
}
