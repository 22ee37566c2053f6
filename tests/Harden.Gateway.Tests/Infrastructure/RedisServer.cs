using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Harden.Gateway.Tests.Infrastructure;

/// <summary>A real redis-server on a free loopback port, without persistence.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private Process process;
    private bool ended;

    private RedisServer(int port, string[] more)
    {
        Port = port;
        process = Start(port, more);
    }

    public int Port { get; }

    /// <summary>Connection string with timeouts that a busy machine keeps, and a test of failure can wait for.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},connectTimeout=5000,syncTimeout=5000,keepAlive=1,allowAdmin=true";

    /// <summary>Starts one.</summary>
    /// <param name="more">Further settings, such as <c>--enable-debug-command yes</c>.</param>
    public static async Task<RedisServer> StartAsync(params string[] more)
    {
        var server = new RedisServer(FreePorts.One(), more);
        await server.AnswersAsync();
        return server;
    }

    public async Task<ConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(ConnectionString);

    /// <summary>Says one command over a connection of its own; the first line of what Redis answers, or the text if it is one.</summary>
    public async Task<string> SayAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"));
        using var answer = new StreamReader(client.GetStream());
        var line = await answer.ReadLineAsync() ?? "";
        if (line is not ['$', .. var digits])
            return line;
        var text = new char[int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture)]; // ASCII, so as many characters as bytes
        await answer.ReadBlockAsync(text);
        return new(text);
    }

    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public async Task RestartAsync(params string[] more)
    {
        process.Dispose();
        process = Start(Port, more);
        await AnswersAsync();
    }

    /// <summary>Stops it as a hanging machine would: connections stay open, nothing answers.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    public ValueTask DisposeAsync()
    {
        if (ended)
            return ValueTask.CompletedTask;
        ended = true;
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

    private static Process Start(int port, string[] more)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("redis-server", ["--port", port.ToString(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", .. more])
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
        for (var left = 1200; ; left--)
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
