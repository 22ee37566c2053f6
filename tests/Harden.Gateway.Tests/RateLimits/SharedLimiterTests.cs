using Harden.Gateway.Configuration;
using Harden.Gateway.RateLimits;
using Harden.Gateway.RateLimits.Shared;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Harden.Gateway.Tests.RateLimits;

public sealed class SharedLimiterTests
{
    private static readonly PartitionKey Key = new("tenant/subject", 0);

    [Fact]
    public async Task TwoReplicas_TogetherNeverExceedTheLimit()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await Replica.StartAsync(redis);
        await using var two = await Replica.StartAsync(redis);
        for (var round = 0; round < 20; round++)
        {
            var policy = Policy($"round-{round}", permits: 200, TimeSpan.FromDays(1));
            Replica[] replicas = [one, two];
            var limiters = Array.ConvertAll(replicas, r => r.Limiter(policy));
            var accepted = 0;
            await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
            {
                for (var i = 0; i < 40; i++)
                {
                    using var lease = await limiters[worker % 2].AcquireAsync(Key);
                    if (lease.IsAcquired)
                        Interlocked.Increment(ref accepted);
                }
            })));
            // What two replicas may hold back is one batch each, of a tenth of the limit at most here.
            Assert.InRange(accepted, 160, 200);
        }
    }

    [Fact]
    public async Task BusyKey_CostsAFractionOfACommandForEachRequest()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        using var limiter = replica.Limiter(Policy("busy", permits: 10_000, TimeSpan.FromSeconds(1)));

        for (var i = 0; i < 2000; i++)
            Assert.True((await limiter.AcquireAsync(Key)).IsAcquired);

        using var admin = await redis.ConnectAsync();
        var calls = admin.GetServer("127.0.0.1", redis.Port).Info("commandstats").SelectMany(static g => g)
            .Where(static p => p.Key is "cmdstat_eval" or "cmdstat_evalsha")
            .Sum(static p => int.Parse(p.Value.Split("calls=")[1].Split(',')[0]));
        Assert.InRange(calls, 1, 100);
    }

    [Fact]
    public async Task UsedUpKey_IsRefusedWithoutAskingAgain_AndItsKeyLapses()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        using var limiter = replica.Limiter(Policy("few", permits: 2, TimeSpan.FromHours(1)));
        Assert.True((await limiter.AcquireAsync(Key)).IsAcquired);
        Assert.True((await limiter.AcquireAsync(Key)).IsAcquired);

        var refused = await limiter.AcquireAsync(Key);
        Assert.False(refused.IsAcquired);
        Assert.True(refused.TryGetMetadata(System.Threading.RateLimiting.MetadataName.RetryAfter, out var after));
        Assert.InRange(after, TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));

        using var admin = await redis.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("FLUSHALL");
        Assert.False((await limiter.AcquireAsync(Key)).IsAcquired);
        using var fresh = replica.Limiter(Policy("few", permits: 2, TimeSpan.FromHours(1)));
        Assert.True((await fresh.AcquireAsync(Key)).IsAcquired);
        var key = Assert.Single(admin.GetServer("127.0.0.1", redis.Port).Keys(pattern: "harden:test:limit:*"));
        Assert.NotNull(await admin.GetDatabase().KeyTimeToLiveAsync(key));
    }

    [Theory]
    [InlineData(nameof(StoreFailure.Local), 10)]
    [InlineData(nameof(StoreFailure.Deny), 0)]
    [InlineData(nameof(StoreFailure.Allow), 50)]
    public async Task HangingRedis_IsAnsweredAsConfigured_AndRecoversByItself(string mode, int accepted)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        using var limiter = replica.Limiter(Policy("hang", permits: 10, TimeSpan.FromDays(1)), Enum.Parse<StoreFailure>(mode));

        redis.Freeze();
        var passed = 0;
        for (var i = 0; i < 50; i++)
            passed += (await limiter.AcquireAsync(Key)).IsAcquired ? 1 : 0;
        redis.Thaw();

        Assert.Equal(accepted, passed);
        await EventuallyAsync(async () => await RemainsInRedisAsync(redis, limiter));
    }

    [Fact]
    public async Task KilledRestartedAndFlushedScripts_AreSurvived()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        using var limiter = replica.Limiter(Policy("restart", permits: 10_000, TimeSpan.FromDays(1)));
        Assert.True((await limiter.AcquireAsync(Key)).IsAcquired);

        redis.Kill();
        Assert.True((await limiter.AcquireAsync(new("another", 0))).IsAcquired);
        await redis.RestartAsync();
        await EventuallyAsync(async () => await RemainsInRedisAsync(redis, limiter));

        using var admin = await redis.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");
        await EventuallyAsync(async () => await RemainsInRedisAsync(redis, limiter));
    }

    private static async Task<bool> RemainsInRedisAsync(RedisServer redis, SharedLimiter limiter)
    {
        using var admin = await redis.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("FLUSHALL");
        await limiter.AcquireAsync(new(Guid.NewGuid().ToString(), 0));
        return admin.GetServer("127.0.0.1", redis.Port).Keys(pattern: "harden:test:limit:*").Any();
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
            await Task.Delay(100, patience.Token);
    }

    private static RateLimitPolicyOptions Policy(string name, int permits, TimeSpan window) => new() { Name = name, Permits = permits, Window = window };

    private sealed class Replica(RedisConnection connection) : IAsyncDisposable
    {
        private readonly LimitStore store = new(connection, new(TimeProvider.System, NullLogger<StoreCircuit>.Instance), TimeProvider.System);

        public static async Task<Replica> StartAsync(RedisServer redis)
        {
            var options = ConfigurationOptions.Parse(redis.ConnectionString);
            options.AbortOnConnectFail = false;
            var connection = new RedisConnection(options, "harden:test:", NullLogger<RedisConnection>.Instance);
            await EventuallyAsync(() => Task.FromResult(connection.Database is not null));
            return new(connection);
        }

        // The budget is generous: these tests are about arithmetic and recovery, and must hold on a busy machine.
        public SharedLimiter Limiter(RateLimitPolicyOptions policy, StoreFailure onFailure = StoreFailure.Local)
        {
            var live = new Live<RateLimitsOptions>();
            live.Swap(new() { OnStoreFailure = onFailure, StoreTimeout = TimeSpan.FromSeconds(1) });
            return new(policy, new() { Most = 10_000 }, store, live, TimeProvider.System);
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
