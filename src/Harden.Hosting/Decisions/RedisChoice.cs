namespace Harden.Hosting.Decisions;

/// <summary>Where sign-ins and the counters of limits are kept.</summary>
internal enum RedisKind
{
    /// <summary>The connection string that the AppHost's configuration names.</summary>
    Configured,

    /// <summary>The connection string that the gateway's own configuration names.</summary>
    GatewayConfigured,

    /// <summary>A container.</summary>
    Container,

    /// <summary>The <c>redis-server</c> on PATH.</summary>
    Server,

    /// <summary>None: the gateway keeps them in memory.</summary>
    None,
}

/// <summary>Which Redis, and why, in words for the person who started it.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Why">What made it this one.</param>
internal sealed record RedisChoice(RedisKind Kind, string Why)
{
    private const string Ends = "; sign-ins and counters end with it";

    /// <summary>Chooses in the order of preference. What costs time to find out is asked only if it matters.</summary>
    /// <param name="configured">True if the AppHost's configuration has <c>ConnectionStrings:redis</c>.</param>
    /// <param name="gatewayConfigured">True if the gateway's has.</param>
    /// <param name="isPublishing">True if a deployment is written: containers need no runtime on this machine then.</param>
    /// <param name="containerRuntime">Finds the container runtime that answers.</param>
    /// <param name="redisServer">Finds <c>redis-server</c>.</param>
    public static RedisChoice Make(bool configured, bool gatewayConfigured, bool isPublishing, Func<string?> containerRuntime, Func<string?> redisServer)
    {
        if (configured)
            return new(RedisKind.Configured, "ConnectionStrings:redis is set");
        if (gatewayConfigured)
            return new(RedisKind.GatewayConfigured, "the gateway's own ConnectionStrings:redis is set");
        if (isPublishing)
            return new(RedisKind.Container, "a deployment has one, and ConnectionStrings:redis is not set");
        if (containerRuntime() is { } runtime)
            return new(RedisKind.Container, $"{runtime} answers and ConnectionStrings:redis is not set{Ends}");
        return redisServer() is not null
            ? new(RedisKind.Server, $"redis-server is on PATH, no container runtime answers and ConnectionStrings:redis is not set{Ends}")
            : new(RedisKind.None, "no ConnectionStrings:redis, no container runtime that answers, and no redis-server on PATH; sign-ins and counters end with the gateway");
    }
}
