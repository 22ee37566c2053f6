using System.Collections.Concurrent;
using Harden.Gateway.Configuration;
using Harden.Gateway.RateLimits;
using Harden.Gateway.RateLimits.Shared;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Harden.Gateway.Tests.RateLimits;

/// <summary>One gateway's part in limits that several share.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly RedisConnection connection;

    private Replica(RedisConnection connection)
    {
        this.connection = connection;
        Store = new(connection, Clock, Log);
    }

    public LimitStore Store { get; }

    public JumpingClock Clock { get; } = new();

    public LogOfCircuit Log { get; } = new();

    public static Task<Replica> StartAsync(RedisServer redis, string prefix = "harden:test:") => StartAsync(redis.ConnectionString, prefix);

    public static async Task<Replica> StartAsync(string connectionString, string prefix)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        var connection = new RedisConnection(options, prefix, NullLogger<RedisConnection>.Instance);
        await EventuallyAsync(() => Task.FromResult(connection.Database is not null));
        return new(connection);
    }

    public static async Task<Replica> StartAsync(RedisCluster cluster)
    {
        var replica = await StartAsync(cluster.ConnectionString, "harden:test:");
        await RedisCluster.ConnectedAsync(replica.connection);
        return replica;
    }

    /// <summary>A limiter of this replica.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="onFailure">What happens without Redis.</param>
    /// <param name="budget">How long to wait for Redis. By default long: most tests are about arithmetic and must hold on a busy machine.</param>
    /// <param name="most">Most counters.</param>
    public SharedLimiter Limiter(RateLimitPolicyOptions policy, StoreFailure onFailure = StoreFailure.Local, TimeSpan? budget = null, int most = 10_000)
    {
        var live = new Live<RateLimitsOptions>();
        live.Swap(new() { OnStoreFailure = onFailure, StoreTimeout = budget ?? TimeSpan.FromSeconds(30) });
        return new(policy, new() { Most = most }, Store, live, Clock);
    }

    /// <summary>How many of so many requests of one owner pass.</summary>
    public static async Task<int> PassedAsync(SharedLimiter limiter, int requests, string owner = "tenant/subject")
    {
        var passed = 0;
        for (var i = 0; i < requests; i++)
            passed += (await limiter.AcquireAsync(new(owner, 0))).IsAcquired ? 1 : 0;
        return passed;
    }

    public static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
            await Task.Delay(50, patience.Token);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}

/// <summary>The system's clock, which can be moved on, and stopped.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long offset;
    private long stopped;

    public override long GetTimestamp() => (Volatile.Read(ref stopped) is > 0 and var at ? at : base.GetTimestamp()) + Volatile.Read(ref offset);

    /// <summary>From now on it only jumps: what a replica holds for a quarter of a second doesn't lapse while a busy machine does something else.</summary>
    public void Stop() => Volatile.Write(ref stopped, base.GetTimestamp());

    public void Jump(TimeSpan by) => Interlocked.Add(ref offset, (long)(by.TotalSeconds * TimestampFrequency));
}

/// <summary>What the circuit said, by level.</summary>
internal sealed class LogOfCircuit : ILogger<LimitStore>
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, formatter(state, exception)));
}
