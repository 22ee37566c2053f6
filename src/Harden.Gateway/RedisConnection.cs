using Harden.Gateway.Configuration;
using StackExchange.Redis;

namespace Harden.Gateway;

/// <summary>
/// The one connection to Redis, shared by the stages that keep state there. It connects in the background and reconnects by itself, so
/// that a gateway starts, and runs, without it; what a stage does meanwhile is that stage's named option.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private readonly Task<ConnectionMultiplexer> connecting;

    /// <summary>Starts connecting.</summary>
    public RedisConnection(ConfigurationOptions options, string prefix, ILogger<RedisConnection> log)
    {
        Prefix = prefix;
        options.AbortOnConnectFail = false;
        options.ClientName = "harden";
        // Without a connection the client would keep commands for the next one and run them then, long after whoever asked has gone on without: permits taken
        // for nobody, a session's state of before. Who asks is told at once, and its own option says what is done.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.IncludeDetailInExceptions = false; // of which keys are part, and those name people and addresses
        connecting = ConnectAsync(options, log);
    }

    /// <summary>Begins every key, so that several apps can share one Redis: <c>harden:NAME:</c>.</summary>
    public string Prefix { get; }

    /// <summary>Completes when the connection has been made for the first time, or can't be with what is configured.</summary>
    public Task FirstAttempt => connecting;

    /// <summary>The connection itself, for messages; null until <see cref="FirstAttempt"/> is over.</summary>
    public ConnectionMultiplexer? Multiplexer => connecting.IsCompletedSuccessfully ? connecting.Result : null;

    /// <summary>The database, or null while there is no connection.</summary>
    public IDatabase? Database => connecting.IsCompletedSuccessfully && connecting.Result.IsConnected ? connecting.Result.GetDatabase() : null;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (connecting.IsCompletedSuccessfully)
            await connecting.Result.CloseAsync();
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions options, ILogger log)
    {
        await Task.Yield(); // the multiplexer resolves names and opens sockets before its first await
        var redis = await ConnectionMultiplexer.ConnectAsync(options);
        redis.ConnectionFailed += (_, failure) => Log.Lost(log, failure.FailureType.ToString());
        redis.ConnectionRestored += (_, _) => Log.Restored(log);
        return redis;
    }

    private static partial class Log
    {
        [LoggerMessage(9101, LogLevel.Warning, "The connection to Redis was lost: {Failure}. It is being restored.")]
        public static partial void Lost(ILogger log, string failure);

        [LoggerMessage(9102, LogLevel.Information, "The connection to Redis is there again.")]
        public static partial void Restored(ILogger log);
    }
}

/// <summary>Adds the connection.</summary>
internal static class RedisRegistration
{
    /// <summary>Adds the shared connection if <c>ConnectionStrings:redis</c> names a server; false if it doesn't and state is kept in memory.</summary>
    public static bool AddRedis(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetConnectionString("redis") is not { Length: > 0 } text)
            return false;
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(text);
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException([new("ConnectionStrings:redis", null, $"is not a Redis connection string such as localhost:6379: {e.Message}", "")]);
        }
        if (builder.Services.Any(static s => s.ServiceType == typeof(RedisConnection)))
            return true; // another stage asked for it
        var prefix = $"harden:{builder.Configuration["Prototype:Name"] ?? "prototype"}:";
        builder.Services.AddSingleton(services => new RedisConnection(options, prefix, services.GetRequiredService<ILogger<RedisConnection>>()));
        builder.Services.AddHealthChecks().Add(new("redis", static services => new RedisHealth(services.GetRequiredService<RedisConnection>()), failureStatus: null, tags: []));
        return true;
    }
}
