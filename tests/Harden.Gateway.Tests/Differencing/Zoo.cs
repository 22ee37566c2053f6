using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harden.Gateway.Tests.Differencing;

/// <summary>What reached the zoo.</summary>
internal sealed record Received(string Line, IReadOnlyList<Field> Headers, byte[] Body, IReadOnlyList<Field> Trailers);

/// <summary>
/// A prototype below HTTP libraries: it answers byte for byte what the recording says, and keeps what reached it byte for byte. For
/// the odd but legal things that no framework of the examples would do. Header <c>X-Zoo</c> names the recorded request.
/// </summary>
internal sealed class Zoo : IAsyncDisposable
{
    private readonly Dictionary<string, RecordedRequest> animals;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, Received> received = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;

    private Zoo(RecordedRequest[] requests)
    {
        animals = requests.ToDictionary(static r => r.Id);
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>What reached it since the last time, by the id of the recorded request.</summary>
    public Dictionary<string, Received> TakeReceived()
    {
        var taken = received.ToDictionary();
        received.Clear();
        return taken;
    }

    public static Zoo Open(RecordedRequest[] requests) => new(requests);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync(stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // closed
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                socket.NoDelay = true;
                await using var stream = new NetworkStream(socket);
                var reader = new WireReader(stream, stop.Token);
                while (await ServeOneAsync(stream, reader))
                {
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // the client went away
            }
        }
    }

    private async Task<bool> ServeOneAsync(NetworkStream stream, WireReader reader)
    {
        var line = await reader.LineAsync();
        var headers = await reader.FieldsAsync();
        var id = headers.FirstOrDefault(static h => h.Name.Equals("X-Zoo", StringComparison.OrdinalIgnoreCase)).Value ?? "";
        if (headers.Any(static h => h.Name.Equals("Expect", StringComparison.OrdinalIgnoreCase)))
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), stop.Token);
        var (body, trailers) = await reader.BodyAsync(headers, untilClose: false);
        received[id] = new(line, headers, body, trailers);
        var animal = animals.GetValueOrDefault(id);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(animal?.Answer ?? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), stop.Token);
        return animal is not { Close: true };
    }
}
