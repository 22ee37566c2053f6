using System.Net;
using System.Net.Sockets;

namespace Harden.Gateway.Tests.RateLimits;

/// <summary>A wire to a server that can be made slow: what the server says arrives late, and in order.</summary>
internal sealed class SlowWire : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private long delay;

    public SlowWire(int port)
    {
        listener.Start();
        _ = AcceptAsync(port);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public TimeSpan Delay
    {
        set => Volatile.Write(ref delay, value.Ticks);
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Stop();
        stop.Dispose();
    }

    private async Task AcceptAsync(int port)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                _ = JoinAsync(client, port);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task JoinAsync(TcpClient client, int port)
    {
        var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, port);
            client.NoDelay = server.NoDelay = true;
            await Task.WhenAll(PumpAsync(client, server, late: false), PumpAsync(server, client, late: true));
        }
        catch (SocketException)
        {
            client.Dispose(); // nobody listens there now
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool late)
    {
        var buffer = new byte[65536];
        try
        {
            for (int got; (got = await from.GetStream().ReadAsync(buffer, stop.Token)) > 0;)
            {
                if (late && Volatile.Read(ref delay) is > 0 and var ticks)
                    await Task.Delay(new TimeSpan(ticks), stop.Token);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, got), stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // One of them hung up.
        }
        from.Dispose();
        to.Dispose();
    }
}
