using System.Security.Cryptography;
using Harden.Cli.Children;
using Harden.Gateway;

namespace Harden.Cli.Run;

/// <summary>Where sign-ins and the counters of limits live: the Redis that is configured, else <c>redis-server</c> from PATH, else memory.</summary>
/// <param name="Connection">The connection string; null for memory.</param>
/// <param name="Where">What the banner says of it.</param>
/// <param name="Why">Why this one.</param>
/// <param name="Port">The port of the one that is started here; 0 for none.</param>
/// <param name="Program">The program that is started here; null for none.</param>
internal sealed record RedisPlan(string? Connection, string Where, string Why, int Port, string? Program)
{
    /// <summary>Decides from the configuration and PATH.</summary>
    public static RedisPlan Make(Settings settings)
    {
        if (settings["ConnectionStrings:redis"] is { } given)
            return new(given, given.Split(',')[0].Split('@')[^1], "ConnectionStrings:redis is set", 0, null);
        if (Executable.Find("redis-server", settings.Directory) is not { } program)
            return new(null, "in memory", "no ConnectionStrings:redis, and no redis-server on PATH; sign-ins and counters end with the gateway", 0, null);
        var port = Listener.FreePort();
        return new($"127.0.0.1:{port},password={RandomNumberGenerator.GetHexString(32, lowercase: true)}",
            $"127.0.0.1:{port}", "redis-server is on PATH and ConnectionStrings:redis is not set; sign-ins and counters end with it", port, program);
    }

    /// <summary>Writes its configuration, with a password because every user of the machine can reach its port, below the state directory.</summary>
    public ChildSpec Prepare(StateDirectory state)
    {
        var directory = state.Of("redis"); // mode 0700
        var file = Path.Combine(directory, "redis.conf");
        File.WriteAllText(file, $"""
            port {Port}
            bind 127.0.0.1
            requirepass {Connection!.Split("password=")[1]}
            save ""
            appendonly no
            daemonize no
            loglevel warning

            """);
        return new("redis", [Program!, file], directory, new Dictionary<string, string?>()) { IsQuiet = true };
    }
}
