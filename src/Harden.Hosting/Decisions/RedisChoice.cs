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
/// <param name="Why">A sentence.</param>
internal sealed record RedisChoice(RedisKind Kind, string Why)
{
    /// <summary>Chooses in the order of preference. What costs time to find out is asked only if it matters.</summary>
    /// <param name="configured">True if the AppHost's configuration has <c>ConnectionStrings:redis</c>.</param>
    /// <param name="gatewayConfigured">True if the gateway's has.</param>
    /// <param name="isPublishing">True if a deployment is written: containers need no runtime on this machine then.</param>
    /// <param name="containerRuntime">Finds the container runtime that answers.</param>
    /// <param name="redisServer">Finds <c>redis-server</c>.</param>
    public static RedisChoice Make(bool configured, bool gatewayConfigured, bool isPublishing, Func<string?> containerRuntime, Func<string?> redisServer)
    {
        if (configured)
            return new(RedisKind.Configured, "Redis is the one that ConnectionStrings:redis names.");
        if (gatewayConfigured)
            return new(RedisKind.GatewayConfigured, "Redis is the one that the gateway's own ConnectionStrings:redis names.");
        if (isPublishing)
            return new(RedisKind.Container, "Redis is deployed as a container, because ConnectionStrings:redis is not set.");
        if (containerRuntime() is { } runtime)
            return new(RedisKind.Container, $"Redis runs as a container, because {runtime} answers and ConnectionStrings:redis is not set.");
        if (redisServer() is { } server)
            return new(RedisKind.Server, $"Redis is {server}, because no container runtime answers and ConnectionStrings:redis is not set.");
        return new(RedisKind.None, "Sign-ins and the counters of limits are kept in the gateway's memory: no ConnectionStrings:redis, no container runtime that answers, no redis-server on PATH.");
    }
}
