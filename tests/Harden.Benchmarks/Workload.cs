using System.Text;

namespace Harden.Benchmarks;

/// <summary>A request that is repeated, and the answer it must get.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Title">Its name in the table.</param>
/// <param name="Rate">Requests a second, or 0 for as many as are answered.</param>
/// <param name="Head">Request line and headers of its own; empty for frames of a WebSocket.</param>
/// <param name="Body">Body sent.</param>
/// <param name="Status">Expected status.</param>
/// <param name="Length">Expected length of the answer's body; -1 for any.</param>
internal sealed record Workload(string Name, string Title, int Rate, string Head, byte[] Body, int Status, int Length)
{
    /// <summary>The workloads by name.</summary>
    public static Workload[] Of(string[] names, int rate) => [.. names.Select(name => name switch
    {
        "get" => new Workload(name, "GET 1 KiB", 0, "GET /1k HTTP/1.1", [], 200, Backend.Small.Length),
        "post" => new Workload(name, "POST 4 KiB, echoed", 0, $"POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {Backend.Large.Length}", Backend.Large, 200, Backend.Large.Length),
        "rate" => new Workload(name, $"GET 1 KiB at {rate}/s", rate, "GET /1k HTTP/1.1", [], 200, Backend.Small.Length),
        "socket" => new Workload(name, "WebSocket, 100 bytes echoed", 0, "", [0x82, 0x80 | 100, 0, 0, 0, 0, .. new byte[100]], 101, 100), // masked, by zero
        _ => throw new ArgumentException($"\"{name}\" is not a workload. They are get, post, rate and socket."),
    })];

    /// <summary>The same request where it must be refused.</summary>
    public Workload Expecting(int status) => status is 200 ? this : this with { Status = status, Length = -1 };

    /// <summary>The bytes of the request.</summary>
    /// <param name="port">Port of the server.</param>
    /// <param name="headers">More headers, each ending in CR LF.</param>
    public byte[] Request(int port, string headers) => Head.Length == 0
        ? Body
        : [.. Encoding.ASCII.GetBytes($"{Head}\r\nHost: localhost:{port}\r\nUser-Agent: harden-benchmark/1\r\nAccept: */*\r\n{headers}\r\n"), .. Body];

    /// <summary>What turns a connection into a WebSocket; empty if it stays as it is.</summary>
    public byte[] Handshake(int port, string headers) => Head.Length > 0
        ? []
        : Encoding.ASCII.GetBytes($"GET /socket HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n");
}
