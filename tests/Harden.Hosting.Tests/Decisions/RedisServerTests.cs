using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Harden.Hosting.Decisions;

namespace Harden.Hosting.Tests.Decisions;

public class RedisServerTests
{
    [Fact]
    public async Task PreparedServer_AnswersOnItsPortToItsPasswordOnly()
    {
        var server = RedisServer.Prepare(RedisServer.Find() ?? throw new InvalidOperationException("redis-server is not on PATH. Install the package redis-server of your system."));
        using var process = Process.Start(new ProcessStartInfo(server.Program, server.File) { RedirectStandardOutput = true })!;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            using var client = await ConnectAsync(server.Port, limit.Token);
            Assert.StartsWith("-NOAUTH", await AskAsync(client, "PING", limit.Token));
            Assert.StartsWith("+OK", await AskAsync(client, $"AUTH {server.Password}", limit.Token));
            Assert.StartsWith("+PONG", await AskAsync(client, "PING", limit.Token));
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public void Configuration_IsItsOwnersAlone()
    {
        var file = RedisServer.Prepare("redis-server").File;
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new FileInfo(file).Directory!.UnixFileMode);
    }

    private static async Task<TcpClient> ConnectAsync(int port, CancellationToken limit)
    {
        while (true)
        {
            var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port, limit);
                return client;
            }
            catch (SocketException)
            {
                client.Dispose();
                await Task.Delay(20, limit);
            }
        }
    }

    private static async Task<string> AskAsync(TcpClient client, string command, CancellationToken limit)
    {
        var buffer = new byte[256];
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), limit);
        return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, limit));
    }
}
