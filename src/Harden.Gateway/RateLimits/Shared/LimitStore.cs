using StackExchange.Redis;

namespace Harden.Gateway.RateLimits.Shared;

/// <summary>What Redis granted.</summary>
/// <param name="Granted">Permits granted: from the weight asked for to the batch asked for, or 0.</param>
/// <param name="Remaining">Permits left for everyone.</param>
/// <param name="RetryAfter">When the weight would be granted; zero if it was.</param>
/// <param name="Reset">When all permits are there again.</param>
/// <param name="Word">What the script recognises the grant by if some of it is given back.</param>
internal readonly record struct Grant(int Granted, long Remaining, TimeSpan RetryAfter, TimeSpan Reset, long Word);

/// <summary>The counters that all replicas share, in Redis, and how many replicas there are.</summary>
internal sealed partial class LimitStore
{
    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(30);

    private readonly RedisConnection redis;
    private readonly RedisCircuit circuit;
    private readonly TimeProvider time;
    private readonly string replica = Guid.NewGuid().ToString("N");
    private long nextBeat;
    private int replicas = 1;

    public LimitStore(RedisConnection redis, TimeProvider time, ILogger<LimitStore> log)
    {
        (this.redis, this.time) = (redis, time);
        circuit = new(time, why => Log.Failed(log, why), () => Log.Recovered(log));
        _ = WarmAsync();
    }

    /// <summary>Replicas that shared this Redis when it last answered; at least 1.</summary>
    public int Replicas => Volatile.Read(ref replicas);

    /// <summary>True if it may be asked now; whoever hears so has to ask.</summary>
    public bool Admits(long now) => circuit.Admits(now);

    /// <summary>Asks for permits; null if Redis can't answer within the budget, in which case what it may have granted is forfeit.</summary>
    /// <param name="rule">The policy's.</param>
    /// <param name="name">The owner's name.</param>
    /// <param name="want">Permits that would be welcome.</param>
    /// <param name="weight">The fewest that help.</param>
    /// <param name="word">Of the earlier grant that some is given back of.</param>
    /// <param name="back">Permits given back.</param>
    /// <param name="budget">How long to wait.</param>
    public async ValueTask<Grant?> TryTakeAsync(SharedRule rule, string name, int want, int weight, long word, int back, TimeSpan budget)
    {
        var database = redis.Database;
        if (database is null)
        {
            circuit.Failed(null, budget);
            return null;
        }
        try
        {
            var reply = await EvaluateAsync(database, redis.Prefix + rule.Key + name, rule, want, weight, word, back).WaitAsync(budget, time);
            var values = (RedisValue[])reply!;
            circuit.Succeeded();
            Beat(database);
            return new((int)values[0], (long)values[1], Micro((long)values[2]), Micro((long)values[3]), (long)values[4]);
        }
        catch (Exception e) when (e is TimeoutException or RedisException or ObjectDisposedException)
        {
            circuit.Failed(e, budget);
            return null;
        }
    }

    /// <summary>Forgets an owner, for all replicas. Null if Redis can't be asked.</summary>
    public async Task<bool?> DeleteAsync(string key)
    {
        try
        {
            return redis.Database is { } database ? await database.KeyDeleteAsync(redis.Prefix + key).WaitAsync(BeatEvery, time) : null;
        }
        catch (Exception e) when (e is TimeoutException or RedisException or ObjectDisposedException)
        {
            return null;
        }
    }

    // The very first call of each script loads it and compiles code, which takes longer than a request may wait. Nothing is written: two are more than there are.
    private async Task WarmAsync()
    {
        try
        {
            await redis.FirstAttempt;
            if (redis.Database is not { } database)
                return;
            foreach (var script in (string[])[LimitScripts.Rate, LimitScripts.Window, LimitScripts.Quota])
                await EvaluateAsync(database, redis.Prefix + "limit:warm", new(script, "", 1, 0, 0, TimeSpan.Zero, 0, TimeSpan.Zero), 2, 2, 0, 0);
            Beat(database);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The first request that asks Redis finds out and says so.
        }
    }

    // By its hash; the client sends the text where Redis has not got it, also after SCRIPT FLUSH, a restart or a failover.
    private static Task<RedisResult> EvaluateAsync(IDatabase database, string key, SharedRule rule, int want, int weight, long word, int back) =>
        database.ScriptEvaluateAsync(rule.Script, [key], [want, weight, word, back, rule.First, rule.Second]);

    private void Beat(IDatabase database)
    {
        var now = time.GetTimestamp();
        var due = Volatile.Read(ref nextBeat);
        if (now >= due && Interlocked.CompareExchange(ref nextBeat, now + (long)(BeatEvery.TotalSeconds * time.TimestampFrequency), due) == due)
            _ = BeatAsync(database);
    }

    // Who shares this Redis, so that each knows its share if it goes away. Scores are wall-clock seconds; an error of some is harmless.
    private async Task BeatAsync(IDatabase database)
    {
        try
        {
            RedisKey key = redis.Prefix + "replicas";
            var second = time.GetUtcNow().ToUnixTimeSeconds();
            await database.SortedSetAddAsync(key, replica, second);
            await database.SortedSetRemoveRangeByScoreAsync(key, double.NegativeInfinity, second - DeadAfter.TotalSeconds);
            await database.KeyExpireAsync(key, DeadAfter + DeadAfter);
            Volatile.Write(ref replicas, (int)Math.Max(1, await database.SortedSetLengthAsync(key)));
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The next request that asks Redis finds out and says so; the last count stays.
        }
    }

    private static TimeSpan Micro(long microseconds) => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Warning, "Redis can't be asked for limits ({Why}). RateLimits:OnStoreFailure applies until it can.")]
        public static partial void Failed(ILogger log, string why);

        [LoggerMessage(4002, LogLevel.Information, "Redis answers for limits again.")]
        public static partial void Recovered(ILogger log);
    }
}
