using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Harden.Benchmarks;

/// <summary>A keep-alive HTTP/1.1 connection with one request in flight; knows just enough HTTP to check every answer.</summary>
internal sealed class ClientConnection(int port) : IDisposable
{
    private readonly byte[] buffer = new byte[32 * 1024];
    private Socket socket = Connect(port);
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
        if (headers == 0 && !ReadHead())
            return false;
        if (body >= 0 ? filled < headers + body : !buffer.AsSpan(headers, filled - headers).EndsWith("0\r\n\r\n"u8))
            return false;
        Since = 0;
        return true;
    }

    public void Reconnect()
    {
        socket.Dispose();
        socket = Connect(port);
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

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        socket.Blocking = false;
        return socket;
    }
}
