using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Harden.Benchmarks;

/// <summary>
/// A keep-alive HTTP/1.1 connection, or a WebSocket, with one request in flight; knows just enough of both to check every answer.
/// </summary>
/// <param name="port">Port of the server.</param>
/// <param name="handshake">What makes the connection a WebSocket; empty for HTTP.</param>
internal sealed class ClientConnection(int port, byte[] handshake) : IDisposable
{
    private readonly byte[] buffer = new byte[32 * 1024];
    private Socket socket = Connect(port, handshake);
    private int filled;
    private int headers; // length of the head once it is complete, else 0
    private int body;    // length of the body that the head announces, -1 for chunked

    /// <summary>What poll(2) knows the connection by.</summary>
    public int File => (int)socket.Handle;

    /// <summary>When the request in flight should have been sent, as a <see cref="Stopwatch"/> timestamp; 0 if none is.</summary>
    public long Since { get; private set; }

    /// <summary>Status of the answer.</summary>
    public int Status { get; private set; }

    /// <summary>Bytes of the answer's body; -1 if it was chunked, so not counted.</summary>
    public int Length => body;

    public void Send(byte[] request, long since)
    {
        Since = since;
        filled = headers = 0;
        if (socket.Send(request, SocketFlags.None, out var error) != request.Length || error != SocketError.Success)
            throw new SocketException((int)error);
    }

    /// <summary>Reads what is there.</summary>
    /// <returns>True once the answer is complete.</returns>
    public bool Receive()
    {
        var got = socket.Receive(buffer.AsSpan(filled), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return false;
        if (got == 0)
            throw new SocketException((int)(error == SocketError.Success ? SocketError.ConnectionReset : error));
        filled += got;
        if (headers == 0 && !(handshake.Length > 0 ? ReadFrameHead() : ReadHead()))
            return false;
        if (body >= 0 ? filled < headers + body : !buffer.AsSpan(headers, filled - headers).EndsWith("0\r\n\r\n"u8))
            return false;
        Since = 0;
        return true;
    }

    public void Reconnect()
    {
        socket.Dispose();
        socket = Connect(port, handshake);
        Since = 0;
    }

    public void Dispose() => socket.Dispose();

    private bool ReadHead()
    {
        var head = buffer.AsSpan(0, filled);
        var end = head.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        headers = end + 4;
        Utf8Parser.TryParse(head[9..12], out int status, out _);
        Status = status;
        var at = head[..end].IndexOf("\r\nContent-Length: "u8);
        body = 0;
        if (at < 0)
            body = head[..end].IndexOf("\r\nTransfer-Encoding: chunked"u8) < 0 ? 0 : -1;
        else
            Utf8Parser.TryParse(head[(at + 18)..], out body, out _);
        return true;
    }

    // RFC 6455 section 5.2, as far as needed for a short message in one frame.
    private bool ReadFrameHead()
    {
        headers = filled < 2 ? 0 : 2;
        Status = buffer[0] == 0x82 ? 101 : 0;
        body = buffer[1] & 0x7f;
        return headers > 0;
    }

    private static Socket Connect(int port, byte[] handshake)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        if (handshake.Length > 0)
            Upgrade(socket, handshake);
        socket.Blocking = false;
        return socket;
    }

    private static void Upgrade(Socket socket, byte[] handshake)
    {
        socket.Send(handshake);
        var answer = new byte[4096];
        var got = 0;
        while (got < 4 || !answer.AsSpan(0, got).EndsWith("\r\n\r\n"u8))
        {
            var read = socket.Receive(answer.AsSpan(got));
            got += read;
            if (read == 0 || got == answer.Length)
                break;
        }
        if (!answer.AsSpan(9).StartsWith("101"u8))
            throw new InvalidOperationException($"The WebSocket was refused:\n{System.Text.Encoding.ASCII.GetString(answer, 0, got)}");
    }
}
