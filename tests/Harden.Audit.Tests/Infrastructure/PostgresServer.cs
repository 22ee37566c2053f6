using System.Diagnostics;
using Npgsql;

namespace Harden.Audit.Tests.Infrastructure;

/// <summary>A PostgreSQL of the tests' own, on a free port, without any promise to disks.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("harden-postgres-").FullName;
    private readonly int port = FreePorts.One();
    private Process? server;
    private int databases;

    public async Task InitializeAsync()
    {
        if (Environment.UserName == "root")
            await RunAsync("chown", "postgres", directory); // it refuses to run as root
        await RunAsync([.. AsPostgres(Binary("initdb")), "-D", Path.Combine(directory, "data"), "-U", "harden", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]);
        await StartAsync();
    }

    /// <summary>A new database.</summary>
    public async Task<NpgsqlDataSource> CreateAsync()
    {
        var name = $"test_{Interlocked.Increment(ref databases)}";
        await using var admin = NpgsqlDataSource.Create(ConnectionTo("postgres"));
        await using var command = admin.CreateCommand($"create database {name}");
        await command.ExecuteNonQueryAsync();
        return NpgsqlDataSource.Create(ConnectionTo(name));
    }

    public async Task StartAsync()
    {
        var command = AsPostgres(Binary("postgres"));
        server = Process.Start(new ProcessStartInfo(command[0],
            [.. command[1..], "-D", Path.Combine(directory, "data"), "-p", $"{port}", "-h", "127.0.0.1", "-k", "", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=40"])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        server.ErrorDataReceived += static (_, _) => { };
        server.OutputDataReceived += static (_, _) => { };
        server.BeginErrorReadLine();
        server.BeginOutputReadLine();
        await using var source = NpgsqlDataSource.Create(ConnectionTo("postgres"));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(limit.Token);
                return;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    /// <summary>As if the power went.</summary>
    public async Task KillAsync()
    {
        // Its children would outlive a kill of the process we started, which under root is not the server itself. The server first: one that sees a
        // child killed starts another, which would be in the way of the server that comes next.
        var pid = (await File.ReadAllLinesAsync(Path.Combine(directory, "data", "postmaster.pid")))[0];
        var children = (await RunAsync("pgrep", "-P", pid)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await RunAsync(["kill", "-KILL", pid, .. children]);
        await server!.WaitForExitAsync();
        NpgsqlConnection.ClearAllPools();
    }

    public async Task DisposeAsync()
    {
        if (server is { HasExited: false })
            await KillAsync();
        server?.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private string ConnectionTo(string database) => $"Host=127.0.0.1;Port={port};Username=harden;Database={database};Timeout=30;Command Timeout=60";

    private static string[] AsPostgres(string program) => Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", program] : [program];

    // Debian keeps the servers of all versions off PATH.
    private static string Binary(string name)
    {
        var folders = (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(static version => Path.Combine(version, "bin")) : [])
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator));
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"'{name}' of PostgreSQL was not found. Install it: apt-get install postgresql.");
    }

    private static async Task<string> RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 && command[0] is not ("pgrep" or "kill")) // there may be nobody left
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {string.Concat(said)}");
        return said[0];
    }
}
