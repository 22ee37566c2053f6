using System.Security.Cryptography;

namespace Harden.Hosting.Decisions;

/// <summary>A <c>redis-server</c> without persistence, so that sign-ins and counters end with it; it listens on loopback only and wants a password, because every user of the machine can reach its port.</summary>
internal sealed class RedisServer
{
    private RedisServer(string program, int port, string password, string file)
    {
        Program = program;
        Port = port;
        Password = password;
        File = file;
    }

    /// <summary>Full path of the program.</summary>
    public string Program { get; }

    /// <summary>The port it listens on.</summary>
    public int Port { get; }

    /// <summary>The password its clients need.</summary>
    public string Password { get; }

    /// <summary>Its configuration: a file that only its owner can read, since arguments are everybody's to see.</summary>
    public string File { get; }

    /// <summary>Looks for the program on PATH.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(static directory => Path.Combine(directory, OperatingSystem.IsWindows() ? "redis-server.exe" : "redis-server"))
        .FirstOrDefault(System.IO.File.Exists);

    /// <summary>Writes the configuration, which is deleted when this process ends.</summary>
    public static RedisServer Prepare(string program)
    {
        var directory = Directory.CreateTempSubdirectory("harden-redis-"); // mode 0700
        AppDomain.CurrentDomain.ProcessExit += (_, _) => directory.Delete(recursive: true);
        var server = new RedisServer(program, FreePort.Take(), RandomNumberGenerator.GetHexString(32, lowercase: true), Path.Combine(directory.FullName, "redis.conf"));
        System.IO.File.WriteAllText(server.File, $"""
            port {server.Port}
            bind 127.0.0.1
            requirepass {server.Password}
            save ""
            appendonly no
            dir "{directory.FullName.Replace('\\', '/')}"
            loglevel warning

            """);
        return server;
    }
}
