using System.Diagnostics;
using System.Globalization;
using Harden.Gateway;
using Harden.Gateway.Configuration;
using Harden.Gateway.RateLimits;
using Harden.Gateway.RateLimits.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Harden.Benchmarks;

/// <summary>
/// What a limit costs: CPU of a decision, in memory and through Redis, and the commands Redis gets for it; and the memory of as many owners as
/// a flood brings, here and in Redis. The decisions are made in this process, nothing else around them; <c>load</c> has whole requests.
/// </summary>
internal static class LimitsRun
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var decisions = arguments.Number("decisions", 1_000_000);
        var rounds = arguments.Number("rounds", 5);
        var subjects = arguments.Number("subjects", 1_000_000);
        await using var redis = await LimitsRedis.StartAsync();
        await DecisionsAsync(redis, decisions, rounds);
        await MemoryAsync(redis, subjects);
        return 0;
    }

    private static async Task DecisionsAsync(LimitsRedis redis, int decisions, int rounds)
    {
        Console.WriteLine($"Decisions about one busy owner, {decisions} in each of {rounds} rounds, all in turn: median\n");
        Console.WriteLine("| limit | counters | CPU of a decision | against memory | Redis commands per 1,000 |\n| --- | --- | ---: | ---: | ---: |");
        foreach (var kind in (LimitKind[])[LimitKind.Rate, LimitKind.Window, LimitKind.Quota])
        {
            var policy = new RateLimitPolicyOptions { Name = $"hot-{kind}", Kind = kind, Permits = 10_000_000, Window = kind == LimitKind.Quota ? null : TimeSpan.FromMinutes(1) };
            using var memory = PolicyLimiters.Create(policy, Section(), null, TimeProvider.System, null);
            using var shared = PolicyLimiters.Create(policy, Section(), redis.Store, TimeProvider.System, null);
            List<double> local = [], remote = [], ratios = [], commands = [];
            for (var round = -1; round < rounds; round++) // one before the first, to have everything compiled
            {
                var inMemory = await CpuAsync(memory, decisions);
                var before = await redis.CommandsAsync();
                var inRedis = await CpuAsync(shared, decisions);
                var sent = await redis.CommandsAsync() - before;
                if (round < 0)
                    continue;
                local.Add(inMemory);
                remote.Add(inRedis);
                ratios.Add(inRedis / inMemory);
                commands.Add(1000.0 * sent / decisions);
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | memory | {LoadReport.Median(local):0.000} µs | 1 | 0 |"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | Redis | {LoadReport.Median(remote):0.000} µs | {LoadReport.Median(ratios):0.0} | {LoadReport.Median(commands):0.0} |"));
        }
    }

    private static async Task<double> CpuAsync(PolicyLimiter limiter, int decisions)
    {
        var key = new PartitionKey("8e2f0a4c-0000-4000-8000-000000000001/8e2f0a4c-0000-4000-8000-000000000002", 0);
        var refused = 0;
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < decisions; i++)
            refused += (await limiter.AcquireAsync(key)).IsAcquired ? 0 : 1;
        var cpu = Environment.CpuUsage.TotalTime - before;
        if (refused > 0 && limiter is not SharedLimiter)
            Console.WriteLine($"{refused} refused");
        return cpu.TotalMicroseconds / decisions;
    }

    private static async Task MemoryAsync(LimitsRedis redis, int subjects)
    {
        Console.WriteLine($"\nOne request each of {subjects} subjects, a policy's counters bounded at 200,000 (the default) and at {subjects}\n");
        Console.WriteLine("| limit | counters | bound | kept | here, a counter | here, all | keys in Redis | in Redis, a key | in Redis, all | keys without TTL |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var kind in (LimitKind[])[LimitKind.Rate, LimitKind.Window, LimitKind.Quota])
        {
            foreach (var bound in (int[])[200_000, subjects])
            {
                foreach (var store in (LimitStore?[])[null, redis.Store])
                    await MemoryAsync(redis, kind, bound, subjects, store);
            }
        }
    }

    private static async Task MemoryAsync(LimitsRedis redis, LimitKind kind, int bound, int subjects, LimitStore? store)
    {
        await redis.FlushAsync();
        var remote = await redis.MemoryAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var policy = new RateLimitPolicyOptions { Name = "flood", Kind = kind, Permits = 5, Window = kind == LimitKind.Quota ? null : TimeSpan.FromDays(1) };
        var limiter = PolicyLimiters.Create(policy, Section(bound), store, TimeProvider.System, null);
        await Parallel.ForAsync(0, 64, async (lane, stop) =>
        {
            for (var i = lane; i < subjects; i += 64)
                await limiter.AcquireAsync(new PartitionKey($"8e2f0a4c-0000-4000-8000-000000000001/8e2f0a4c-0000-4000-8000-{i:d12}", 0), 1, stop);
        });
        var here = GC.GetTotalMemory(forceFullCollection: true) - before;
        var kept = limiter.Partitions().Count() - 1;
        var (keys, immortal) = store is null ? (0, 0) : await redis.KeysAsync();
        var there = await redis.MemoryAsync() - remote;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {kind} | {(store is null ? "memory" : "Redis")} | {bound} | {kept} | {(double)here / kept:0} B | {here >> 20} MiB | {keys} | {(keys == 0 ? 0 : (double)there / keys):0} B | {(keys == 0 ? 0 : there >> 20)} MiB | {immortal} |"));
        GC.KeepAlive(limiter);
    }

    private static Live<RateLimitsOptions> Section(int most = 200_000)
    {
        var live = new Live<RateLimitsOptions>();
        live.Swap(new() { StoreTimeout = TimeSpan.FromSeconds(1), MaxPartitions = most, OnStoreFailure = StoreFailure.Deny });
        return live;
    }
}

/// <summary>A Redis of its own, and what it says of itself.</summary>
internal sealed class LimitsRedis : IAsyncDisposable
{
    private readonly ServerProcess process;
    private readonly ConnectionMultiplexer admin;
    private readonly RedisConnection connection;

    private LimitsRedis(ServerProcess process, ConnectionMultiplexer admin, RedisConnection connection)
    {
        (this.process, this.admin, this.connection) = (process, admin, connection);
        Store = new(connection, TimeProvider.System, NullLogger<LimitStore>.Instance);
    }

    public LimitStore Store { get; }

    private IServer Server => admin.GetServer(admin.GetEndPoints()[0]);

    public static async Task<LimitsRedis> StartAsync()
    {
        var process = Stand.StartRedis();
        var text = $"127.0.0.1:{process.Port},allowAdmin=true,syncTimeout=60000,abortConnect=false";
        ConnectionMultiplexer admin;
        while (!(admin = await ConnectionMultiplexer.ConnectAsync(text)).IsConnected)
            admin.Dispose();
        var connection = new RedisConnection(ConfigurationOptions.Parse(text), "harden:bench:", NullLogger<RedisConnection>.Instance);
        await connection.FirstAttempt;
        return new(process, admin, connection);
    }

    /// <summary>Scripts run so far.</summary>
    public async Task<long> CommandsAsync() => (await Server.InfoAsync("commandstats")).SelectMany(static g => g)
        .Where(static p => p.Key is "cmdstat_eval" or "cmdstat_evalsha").Sum(static p => long.Parse(p.Value.Split("calls=")[1].Split(',')[0], CultureInfo.InvariantCulture));

    public async Task<long> MemoryAsync() =>
        long.Parse((await Server.InfoAsync("memory")).SelectMany(static g => g).First(static p => p.Key == "used_memory").Value, CultureInfo.InvariantCulture);

    public Task FlushAsync() => Server.FlushAllDatabasesAsync();

    /// <summary>Keys of limits, and how many of all would never lapse.</summary>
    public async Task<(int Keys, int Immortal)> KeysAsync()
    {
        var space = (await Server.InfoAsync("keyspace")).SelectMany(static g => g).First(static p => p.Key == "db0").Value.Split(',');
        int Number(int i) => int.Parse(space[i].Split('=')[1], CultureInfo.InvariantCulture);
        return (Number(0), Number(0) - Number(1));
    }

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await admin.CloseAsync();
        await process.DisposeAsync();
    }
}
