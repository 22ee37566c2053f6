using System.Diagnostics;
using System.Net.Sockets;
using Harden.Gateway.RateLimits;
using Harden.Gateway.RateLimits.Shared;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace Harden.Gateway.Tests.RateLimits;

/// <summary>Everything that can be wrong with a Redis, and what each value of OnStoreFailure makes of it.</summary>
public sealed class LimitStoreFailureTests(ITestOutputHelper output)
{
    private const int Limit = 10;
    private const int Requests = 50;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(50);

    [Fact]
    public Task Frozen() => FailsAsync("SIGSTOP", static (redis, _) => Do(redis.Freeze), static (redis, _) => Do(redis.Thaw));

    [Fact]
    public Task Killed() => FailsAsync("kill -9", static (redis, _) => Do(redis.Kill), static (redis, _) => redis.RestartAsync());

    [Fact]
    public Task SlowReplies() => FailsAsync("replies take 300 ms", static (_, wire) => Do(() => wire.Delay = TimeSpan.FromMilliseconds(300)), static (_, wire) => Do(() => wire.Delay = default));

    [Fact]
    public Task OutOfMemory() => FailsAsync("refuses writes (maxmemory)", static (redis, _) => redis.SayAsync("CONFIG SET maxmemory 1"), static (redis, _) => redis.SayAsync("CONFIG SET maxmemory 0"));

    [Fact]
    public Task Asleep() => FailsAsync("DEBUG SLEEP 10", static (redis, _) => SleepAsync(redis), static (_, _) => Task.CompletedTask);

    [Fact]
    public async Task Loading()
    {
        var folder = Directory.CreateTempSubdirectory("harden-redis-");
        string[] disk = ["--dir", folder.FullName, "--dbfilename", "dump.rdb"];
        await FailsAsync("loading its data", async (redis, _) =>
        {
            await redis.SayAsync("DEBUG POPULATE 2000 filler 100");
            await redis.SayAsync("SAVE");
            redis.Kill();
            await redis.RestartAsync([.. disk, "--key-load-delay", "5000", "--loading-process-events-interval-bytes", "1024"]); // ten seconds
        }, static (_, _) => Task.CompletedTask, disk);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task FlushedScripts_ChangeNothing()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        using var limiter = replica.Limiter(SharedLimiterTests.Policy("scripts", 4, "Quota"), StoreFailure.Deny);
        Assert.Equal(2, await Replica.PassedAsync(limiter, 2));

        await redis.SayAsync("SCRIPT FLUSH");

        Assert.Equal(2, await Replica.PassedAsync(limiter, 5));
        Assert.Empty(replica.Log.Lines);
    }

    [Fact]
    public async Task FlushedData_CountsAnew_WithoutAnError()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        foreach (var kind in Enum.GetNames<LimitKind>()[..3])
        {
            using var limiter = replica.Limiter(SharedLimiterTests.Policy("data", 4, kind), StoreFailure.Deny);
            Assert.Equal(4, await Replica.PassedAsync(limiter, 10));

            await redis.SayAsync("FLUSHALL");
            replica.Clock.Jump(TimeSpan.FromSeconds(2)); // as long as a refusal is remembered

            Assert.Equal(4, await Replica.PassedAsync(limiter, 10));
        }
        Assert.Empty(replica.Log.Lines);
    }

    [Theory]
    [InlineData(nameof(LimitKind.Rate))]
    [InlineData(nameof(LimitKind.Window))]
    [InlineData(nameof(LimitKind.Quota))]
    public async Task Local_EachReplicaEnforcesItsShare(string kind)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await Replica.StartAsync(redis);
        await using var two = await Replica.StartAsync(redis);
        using var here = one.Limiter(SharedLimiterTests.Policy("share", Limit, kind), budget: TimeSpan.FromSeconds(1));
        using var there = two.Limiter(SharedLimiterTests.Policy("share", Limit, kind), budget: TimeSpan.FromSeconds(1));
        await Replica.EventuallyAsync(async () =>
        {
            one.Clock.Jump(TimeSpan.FromSeconds(6)); // the next answer of Redis is an occasion to count replicas
            await Replica.PassedAsync(here, 1, $"tenant/{Guid.NewGuid()}");
            return one.Store.Replicas == 2 && two.Store.Replicas == 2;
        });

        redis.Kill();

        Assert.Equal(Limit / 2, await Replica.PassedAsync(here, Requests));
        Assert.Equal(Limit / 2, await Replica.PassedAsync(there, Requests));
    }

    private async Task FailsAsync(string fault, Func<RedisServer, SlowWire, Task> begin, Func<RedisServer, SlowWire, Task> end, params string[] settings)
    {
        await using var redis = await RedisServer.StartAsync(["--enable-debug-command", "yes", .. settings]);
        using var wire = new SlowWire(redis.Port);
        var modes = Enum.GetValues<StoreFailure>();
        var replicas = new Dictionary<StoreFailure, (Replica Replica, SharedLimiter Limiter)>();
        foreach (var mode in modes)
        {
            var replica = await Replica.StartAsync($"127.0.0.1:{wire.Port},connectTimeout=1000,syncTimeout=2000,keepAlive=1", $"harden:{mode}:");
            replicas[mode] = (replica, replica.Limiter(SharedLimiterTests.Policy("fault", Limit, "Rate"), mode, Budget));
        }
        foreach (var (replica, limiter) in replicas.Values)
        {
            await Replica.EventuallyAsync(async () =>
            {
                replica.Clock.Jump(TimeSpan.FromMinutes(2)); // on a busy machine Redis may have been slow already, and been warned of
                return await InRedisAsync(replica, limiter);
            });
        }

        await begin(redis, wire);
        foreach (var mode in modes)
        {
            var (replica, limiter) = replicas[mode];
            replica.Log.Lines.Clear();
            var (passed, slowest) = (0, TimeSpan.Zero);
            for (var i = 0; i < Requests; i++)
            {
                var from = Stopwatch.GetTimestamp();
                passed += (await limiter.AcquireAsync(new("tenant/subject", 0))).IsAcquired ? 1 : 0;
                slowest = Stopwatch.GetElapsedTime(from) is var took && took > slowest ? took : slowest;
            }
            var warnings = replica.Log.Lines.Where(static l => l.Level == LogLevel.Warning).ToArray();
            output.WriteLine($"| {fault} | {mode} | {passed} of {Requests} | slowest {slowest.TotalMilliseconds:0} ms | {string.Join("; ", warnings.Select(static w => w.Text))} |");
            Assert.Equal(mode switch { StoreFailure.Local => Limit, StoreFailure.Deny => 0, _ => Requests }, passed);
            Assert.Single(warnings);
        }

        await end(redis, wire);
        foreach (var mode in modes)
        {
            var (replica, limiter) = replicas[mode];
            await Replica.EventuallyAsync(async () =>
            {
                await limiter.AcquireAsync(new($"probe/{Guid.NewGuid()}", 0));
                return replica.Log.Lines.Any(static l => l.Level == LogLevel.Information);
            });
            Assert.Single(replica.Log.Lines, static l => l.Level == LogLevel.Warning);
            await replica.DisposeAsync();
        }
    }

    private static async Task<bool> InRedisAsync(Replica replica, SharedLimiter limiter)
    {
        var probe = new PartitionKey($"probe/{Guid.NewGuid()}", 0);
        await limiter.AcquireAsync(probe);
        return limiter.Table.Known(probe)!.Lives(replica.Clock.GetTimestamp());
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    // Asleep as soon as it doesn't answer another.
    private static async Task SleepAsync(RedisServer redis)
    {
        using var sleeper = new TcpClient("127.0.0.1", redis.Port);
        await sleeper.GetStream().WriteAsync("DEBUG SLEEP 10\r\n"u8.ToArray());
        while (await Task.WhenAny(redis.SayAsync("PING"), Task.Delay(1000)) is Task<string>)
        {
        }
    }
}
