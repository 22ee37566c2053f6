using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Harden.Gateway.Tests.Infrastructure;

/// <summary>A real redis-server on a free loopback port, without persistence.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private Process process;

    private RedisServer(int port, Process process)
    {
        Port = port;
        this.process = process;
    }

    public int Port { get; }

    /// <summary>Connection string with short timeouts, so that a test of failure is not a test of patience.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},connectTimeout=1000,syncTimeout=2000,keepAlive=1,allowAdmin=true";

    public static async Task<RedisServer> StartAsync()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var server = new RedisServer(port, Start(port));
        await server.AnswersAsync();
        return server;
    }

    public async Task<ConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(ConnectionString);

    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public async Task RestartAsync()
    {
        process.Dispose();
        process = Start(Port);
        await AnswersAsync();
    }

    /// <summary>Stops it as a hanging machine would: connections stay open, nothing answers.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    public ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            Kill();
        process.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, process.Id.ToString()]);
        kill.WaitForExit();
    }

    private static Process Start(int port)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("redis-server", ["--port", port.ToString(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            {
                RedirectStandardOutput = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException("These tests need redis-server on PATH. On Debian or Ubuntu: apt-get install redis-server.");
        }
    }

    private async Task AnswersAsync()
    {
        for (var left = 200; ; left--)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (left > 0)
            {
                await Task.Delay(50);
            }
        }
    }
}
