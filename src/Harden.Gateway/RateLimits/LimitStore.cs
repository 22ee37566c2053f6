using System.Globalization;
using StackExchange.Redis;

namespace Harden.Gateway.RateLimits;

/// <summary>What Redis granted.</summary>
/// <param name="Granted">Permits granted: from the weight asked for to the batch asked for, or 0.</param>
/// <param name="Remaining">Permits left for everyone.</param>
/// <param name="RetryAfter">When the weight would be granted; zero if it was.</param>
/// <param name="Reset">When the bucket is full again.</param>
internal readonly record struct Grant(long Granted, long Remaining, TimeSpan RetryAfter, TimeSpan Reset);

/// <summary>
/// The buckets that all replicas share, in Redis: one key each, one script, Redis' own clock. A circuit keeps a Redis that is slow or
/// gone from slowing requests down: after a failure nothing asks it for a second, then one request tries.
/// </summary>
internal sealed partial class LimitStore
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // GCRA in whole microseconds: the key holds the time at which the bucket is full again and lives exactly until then. Doubles hold
    // microseconds since 1970 exactly until the year 2255.
    private const string Script = """
        local t = redis.call('TIME')
        local now = t[1] * 1000000 + t[2]
        local interval, capacity, want, weight = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
        if full > now + capacity then full = now + capacity end
        local free = math.floor((now + capacity - full) / interval)
        if free < weight then
            return {0, free, full + weight * interval - capacity - now, full - now}
        end
        local grant = math.min(want, free)
        full = full + grant * interval
        redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
        return {grant, free - grant, 0, full - now}
        """;

    private readonly RedisConnection redis;
    private readonly TimeProvider time;
    private readonly ILogger<LimitStore> log;
    private readonly string replica = Guid.NewGuid().ToString("N");
    private long closedUntil;
    private int broken;
    private bool warned;
    private long nextWarning;
    private long nextBeat;
    private int replicas = 1;

    public LimitStore(RedisConnection redis, TimeProvider time, ILogger<LimitStore> log)
    {
        (this.redis, this.time, this.log) = (redis, time, log);
        _ = WarmAsync();
    }

    /// <summary>Replicas that shared this Redis when it last answered; at least 1.</summary>
    public int Replicas => Volatile.Read(ref replicas);

    /// <summary>Asks for permits; null if Redis can't answer within the budget, in which case what it may have granted is forfeit.</summary>
    public async ValueTask<Grant?> TryTakeAsync(string key, long interval, long capacity, long want, long weight, TimeSpan budget)
    {
        var now = time.GetTimestamp();
        var until = Volatile.Read(ref closedUntil);
        if (now < until)
            return null;
        if (broken == 1 && Interlocked.CompareExchange(ref closedUntil, now + Ticks(Pause), until) != until)
            return null; // another request is trying
        if (redis.Database is not { } database)
            return Failed("there is no connection");
        try
        {
            var reply = await EvaluateAsync(database, redis.Prefix + key, interval, capacity, want, weight).WaitAsync(budget, time);
            Succeeded(database, now);
            var values = ((RedisValue[]?)reply)!; // nullable since version 2 of the client
            return new((long)values[0], (long)values[1], Micro((long)values[2]), Micro((long)values[3]));
        }
        catch (Exception e) when (e is TimeoutException or RedisException or ObjectDisposedException)
        {
            return Failed(e is TimeoutException ? string.Create(CultureInfo.InvariantCulture, $"no answer within {budget.TotalMilliseconds} ms") : e.Message);
        }
    }

    // The very first call loads the script and compiles code, which takes longer than a request may wait.
    private async Task WarmAsync()
    {
        try
        {
            await redis.FirstAttempt;
            if (redis.Database is not { } database)
                return;
            await EvaluateAsync(database, redis.Prefix + "warm", 1, 1, 1, 1);
            await BeatAsync(database);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The first request that asks Redis finds out and says so.
        }
    }

    private static async Task<RedisResult> EvaluateAsync(IDatabase database, string key, long interval, long capacity, long want, long weight)
    {
        RedisKey[] keys = [key];
        RedisValue[] arguments = [interval, capacity, want, weight];
        try
        {
            return await database.ScriptEvaluateAsync(Script, keys, arguments);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(Script, keys, arguments); // SCRIPT FLUSH: the client has noticed and sends the text
        }
    }

    private Grant? Failed(string why)
    {
        Volatile.Write(ref closedUntil, time.GetTimestamp() + Ticks(Pause));
        var now = time.GetTimestamp();
        if (Interlocked.Exchange(ref broken, 1) == 0 && now >= nextWarning)
        {
            // A Redis at the edge of the budget fails and recovers by the second: one line a minute says it all.
            nextWarning = now + Ticks(TimeSpan.FromMinutes(1));
            warned = true;
            Log.Failed(log, why);
        }
        return null;
    }

    private void Succeeded(IDatabase database, long now)
    {
        if (broken == 1 && Interlocked.Exchange(ref broken, 0) == 1)
        {
            Volatile.Write(ref closedUntil, 0);
            if (warned)
                Log.Recovered(log);
            warned = false;
        }
        var due = Volatile.Read(ref nextBeat);
        if (now >= due && Interlocked.CompareExchange(ref nextBeat, now + Ticks(TimeSpan.FromSeconds(5)), due) == due)
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
            await database.SortedSetRemoveRangeByScoreAsync(key, double.NegativeInfinity, second - 30);
            await database.KeyExpireAsync(key, TimeSpan.FromMinutes(1));
            Volatile.Write(ref replicas, (int)Math.Max(1, await database.SortedSetLengthAsync(key)));
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The next request that asks Redis finds out and says so; the last count stays.
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private static TimeSpan Micro(long microseconds) => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Warning, "Redis can't be asked for limits ({Why}). RateLimits:OnStoreFailure applies until it can.")]
        public static partial void Failed(ILogger log, string why);

        [LoggerMessage(4002, LogLevel.Information, "Redis answers for limits again.")]
        public static partial void Recovered(ILogger log);
    }
}
