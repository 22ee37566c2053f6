using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>A prototype written by hand on a TCP socket: it sees and sends every byte, also those no HTTP library would.</summary>
internal sealed class RawPrototype : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly Func<Connection, Task> handle;
    private readonly Task accepting;

    private RawPrototype(Func<Connection, Task> handle, int port)
    {
        this.handle = handle;
        listener = new(IPAddress.Loopback, port);
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>The heads of all requests that arrived, in order, as Latin-1.</summary>
    public ConcurrentQueue<string> Heads { get; } = [];

    /// <summary>Answers every request with the same bytes and keeps the connection open.</summary>
    public static RawPrototype Answering(string answer) => new(
        async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
                await connection.WriteAsync(answer);
        }, 0);

    /// <summary>Does what the test says with each connection.</summary>
    public static RawPrototype Doing(Func<Connection, Task> handle, int port = 0) => new(handle, port);

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // stopped
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await handle(new(this, client));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
            }
        }
    }

    /// <summary>One connection of the gateway.</summary>
    internal sealed class Connection(RawPrototype owner, TcpClient client)
    {
        private readonly NetworkStream stream = client.GetStream();

        /// <summary>Reads one byte after another up to an empty line; null at the end of the connection.</summary>
        public async Task<string?> ReadHeadAsync()
        {
            var head = new StringBuilder();
            while (await ReadByteAsync() is { } next)
            {
                head.Append((char)next);
                if (head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n")
                {
                    owner.Heads.Enqueue(head.ToString());
                    return head.ToString();
                }
            }
            return null;
        }

        /// <summary>Reads one byte; null at the end of the connection.</summary>
        public async Task<byte?> ReadByteAsync()
        {
            var one = new byte[1];
            return await stream.ReadAsync(one) == 0 ? null : one[0];
        }

        /// <summary>Reads as many bytes as the text has, as Latin-1.</summary>
        public async Task<string> ReadAsync(int length)
        {
            var bytes = new byte[length];
            await stream.ReadExactlyAsync(bytes);
            return Encoding.Latin1.GetString(bytes);
        }

        public Task WriteAsync(string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

        /// <summary>Ends the connection with RST, as a crash may.</summary>
        public void Reset() => client.Client.Close(0);
    }
}
