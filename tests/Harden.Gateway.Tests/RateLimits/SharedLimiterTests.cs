using System.Threading.RateLimiting;
using Harden.Gateway.RateLimits;
using Harden.Gateway.RateLimits.Shared;
using Harden.Gateway.Tests.Infrastructure;
using StackExchange.Redis;
using Xunit.Abstractions;

namespace Harden.Gateway.Tests.RateLimits;

/// <summary>Limits that replicas share through a real Redis.</summary>
public sealed class SharedLimiterTests(ITestOutputHelper output)
{
    private static readonly PartitionKey Key = new("tenant/subject", 0);

    [Theory]
    [InlineData(nameof(LimitKind.Rate))]
    [InlineData(nameof(LimitKind.Window))]
    [InlineData(nameof(LimitKind.Quota))]
    public async Task TwoReplicas_TogetherNeverExceedTheLimit(string kind)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await Replica.StartAsync(redis);
        await using var two = await Replica.StartAsync(redis);
        one.Clock.Stop();
        two.Clock.Stop();
        List<int> counts = [];
        for (var round = 0; round < 20; round++)
        {
            var policy = Policy($"round-{round}", 200, kind);
            Replica[] replicas = [one, two];
            var limiters = Array.ConvertAll(replicas, r => r.Limiter(policy));
            var accepted = 0;
            await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
            {
                for (var i = 0; i < 40; i++)
                {
                    if ((await limiters[worker % 2].AcquireAsync(Key)).IsAcquired)
                        Interlocked.Increment(ref accepted);
                }
            })));
            counts.Add(accepted);
        }
        output.WriteLine($"{kind}, 640 requests on two replicas, limit 200: {string.Join(" ", counts)}");
        // What two replicas may hold back is one batch each, of at most a fifth of the limit; the batches of a window or quota shrink towards the end.
        Assert.All(counts, static c => Assert.InRange(c, 160, 200));
    }

    [Theory]
    [InlineData(nameof(LimitKind.Rate))]
    [InlineData(nameof(LimitKind.Window))]
    public async Task OverTime_NoSpanHoldsMoreThanThePolicySays(string kind)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await Replica.StartAsync(redis);
        await using var two = await Replica.StartAsync(redis);
        var policy = Policy("span", 100, kind, TimeSpan.FromMilliseconds(500));
        Replica[] replicas = [one, two];
        var limiters = Array.ConvertAll(replicas, r => r.Limiter(policy));
        var clock = TimeProvider.System;
        var began = clock.GetTimestamp();
        var passed = new System.Collections.Concurrent.ConcurrentBag<(long From, long To)>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var from = clock.GetTimestamp(); GoOn(clock.GetElapsedTime(began, from)); from = clock.GetTimestamp())
            {
                if ((await limiters[worker % 2].AcquireAsync(Key)).IsAcquired)
                    passed.Add((from, clock.GetTimestamp()));
                if (random.Next(20) == 0)
                    await Task.Delay(random.Next(60));
            }
        })));
        // Each request was decided between From and To. A span that surely holds requests begins with the earliest start and ends with the latest end of them.
        var sorted = passed.OrderBy(static p => p.To).ToArray();
        var each = policy.WindowOrDefault.TotalSeconds * clock.TimestampFrequency / policy.Permits;
        for (var first = 0; first < sorted.Length; first++)
        {
            var (from, to, count) = (long.MaxValue, 0L, 0);
            for (var last = first; last < sorted.Length && to - from <= each * policy.Permits * 2; last++)
            {
                (from, to, count) = (Math.Min(from, sorted[last].From), sorted[last].To, count + 1);
                var allowed = kind == "Rate" ? policy.Capacity + ((to - from) / each) : to - from < each * policy.Permits ? policy.Permits : double.MaxValue;
                Assert.True(count <= allowed, $"{count} in {(to - from) * 1000.0 / clock.TimestampFrequency:0.0} ms, where {allowed:0.0} are allowed");
            }
        }
        var seconds = clock.GetElapsedTime(began).TotalSeconds;
        output.WriteLine($"{kind}, 100 in 500 ms: {sorted.Length} passed in {seconds:0.0} s");
        Assert.InRange(sorted.Length, 200, 100 + (200 * seconds)); // it does let through most of what it may: 400 in two seconds, and a bucket's burst

        // Two seconds, or longer where the machine does something else meanwhile.
        bool GoOn(TimeSpan passing) => passing < TimeSpan.FromSeconds(2) || (passed.Count < 200 && passing < TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData(nameof(LimitKind.Rate))]
    [InlineData(nameof(LimitKind.Window))]
    [InlineData(nameof(LimitKind.Quota))]
    public async Task BusyOwner_CostsAFractionOfACommandForEachRequest(string kind)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        replica.Clock.Stop();
        using var limiter = replica.Limiter(Policy("busy", 10_000, kind, TimeSpan.FromSeconds(1)));
        using var admin = await redis.ConnectAsync();
        var before = await CallsAsync(admin, redis);

        Assert.Equal(2000, await Replica.PassedAsync(limiter, 2000));

        var calls = await CallsAsync(admin, redis) - before;
        output.WriteLine($"{kind}: {calls / 2.0} scripts for 1,000 requests");
        Assert.InRange(calls, 1, 100);
    }

    [Theory]
    [InlineData(nameof(LimitKind.Rate))]
    [InlineData(nameof(LimitKind.Window))]
    [InlineData(nameof(LimitKind.Quota))]
    public async Task UsedUpOwner_IsRefusedWithoutAsking_UntilAResetThatAllReplicasSee(string kind)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await Replica.StartAsync(redis);
        await using var two = await Replica.StartAsync(redis);
        var policy = Policy("few", 2, kind);
        using var here = one.Limiter(policy);
        using var there = two.Limiter(policy);
        Assert.Equal(2, await Replica.PassedAsync(here, 5));
        Assert.Equal(0, await Replica.PassedAsync(there, 5));
        var refused = (LimitLease)await here.AcquireAsync(Key);
        Assert.InRange(refused.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1.2));
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out _));
        using var admin = await redis.ConnectAsync();
        var before = await CallsAsync(admin, redis);
        Assert.Equal(0, await Replica.PassedAsync(here, 1000));
        Assert.InRange(await CallsAsync(admin, redis) - before, 0, 5);

        Assert.Equal(ResetOutcome.Done, await there.ResetAsync("tenant/subject"));

        Assert.Equal(1, await Replica.PassedAsync(there, 1));
        await Replica.EventuallyAsync(async () => await Replica.PassedAsync(here, 1) == 1);
        Assert.Equal(ResetOutcome.Unknown, await here.ResetAsync("tenant/nobody"));
    }

    [Theory]
    [InlineData(nameof(LimitKind.Rate))]
    [InlineData(nameof(LimitKind.Window))]
    [InlineData(nameof(LimitKind.Quota))]
    public async Task PermitsThatWereNotNeeded_GoBack(string kind)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        using var limiter = replica.Limiter(Policy("back", 100, kind));
        replica.Clock.Stop();
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(12, await Replica.PassedAsync(limiter, 12)); // leaves permits of a batch in hand
            replica.Clock.Jump(SharedRule.Of(Policy("back", 100, kind)).Hold); // they lapse
        }
        for (var i = 0; i < 1000; i++)
        {
            var lease = (LimitLease)await limiter.AcquireAsync(Key);
            lease.GiveBack(); // another policy refused: nobody's budget is used
        }
        var left = await Replica.PassedAsync(limiter, 100);
        Assert.InRange(left, 36, 40); // of 40; a bucket is smaller by what may be handed out late
    }

    [Fact]
    public async Task Weights_AreGrantedWholeOrNotAtAll()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        foreach (var kind in Enum.GetNames<LimitKind>()[..3])
        {
            using var limiter = replica.Limiter(Policy("heavy", 100, kind));
            var passed = 0;
            for (var i = 0; i < 20; i++)
                passed += (await limiter.AcquireAsync(Key, 20)).IsAcquired ? 20 : (await limiter.AcquireAsync(Key)).IsAcquired ? 1 : 0;
            Assert.InRange(passed, 80, 100);
        }
    }

    [Fact]
    public async Task FloodOfNames_IsBoundedHereAndInRedis_AndEveryKeyLapses()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await Replica.StartAsync(redis);
        using var admin = await redis.ConnectAsync();
        foreach (var kind in Enum.GetNames<LimitKind>()[..3])
        {
            using var limiter = replica.Limiter(Policy("flood", 5, kind), most: 200);
            for (var i = 0; i < 1000; i++)
                await limiter.AcquireAsync(new($"tenant/{i}", 0));

            Assert.Equal(200, limiter.Table.Count);
            Assert.Equal(0, await Replica.PassedAsync(limiter, 3, "tenant/1001")); // newcomers are limited as one
            Assert.Equal(1, await Replica.PassedAsync(limiter, 1, "tenant/3"));
            var keys = admin.GetServer("127.0.0.1", redis.Port).Keys(pattern: $"harden:test:limit:{kind.ToLowerInvariant()}:*").ToArray();
            Assert.Equal(201, keys.Length);
            foreach (var key in keys)
                Assert.NotNull(await admin.GetDatabase().KeyTimeToLiveAsync(key));
        }
    }

    internal static RateLimitPolicyOptions Policy(string name, int permits, string kind, TimeSpan? window = null) =>
        new() { Name = name, Permits = permits, Kind = Enum.Parse<LimitKind>(kind), Window = window ?? TimeSpan.FromDays(1) };

    private static async Task<int> CallsAsync(ConnectionMultiplexer admin, RedisServer redis) =>
        (await admin.GetServer("127.0.0.1", redis.Port).InfoAsync("commandstats")).SelectMany(static g => g)
            .Where(static p => p.Key is "cmdstat_eval" or "cmdstat_evalsha")
            .Sum(static p => int.Parse(p.Value.Split("calls=")[1].Split(',')[0]));
}
