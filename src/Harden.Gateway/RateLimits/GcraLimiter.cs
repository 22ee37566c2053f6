using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Harden.Gateway.RateLimits;

/// <summary>
/// A token bucket for each key, kept as the one number of the generic cell rate algorithm (ITU-T I.371): the theoretical arrival time at
/// which the bucket is full again. A key whose time has passed is the same as an absent one, so it can be dropped without loss, and memory
/// stays bounded under a flood of distinct keys: past <see cref="MaxKeys"/> new keys share one bucket.
/// </summary>
internal sealed class GcraLimiter : PartitionedRateLimiter<PartitionKey>
{
    /// <summary>Most keys kept at a time; about 150 bytes each.</summary>
    public const int MaxKeys = 200_000;

    private const long Dead = long.MinValue;
    private readonly ConcurrentDictionary<PartitionKey, Cell> cells = new();
    private readonly Cell overflow = new();
    private readonly TimeProvider time;
    private readonly long interval;
    private readonly long capacity;
    private int count;
    private int sweeping;
    private long nextSweep;

    /// <summary>Makes a limiter.</summary>
    /// <param name="permits">Permits replenished in each window.</param>
    /// <param name="window">The window.</param>
    /// <param name="burst">Permits a full bucket holds.</param>
    /// <param name="time">The clock; only its monotonic timestamps are used, so that setting the wall clock changes nothing.</param>
    public GcraLimiter(int permits, TimeSpan window, int burst, TimeProvider time)
    {
        this.time = time;
        interval = Math.Max(1, (long)(window.TotalSeconds * time.TimestampFrequency / permits));
        capacity = interval * burst;
    }

    /// <summary>Keys kept now.</summary>
    public int Keys => Volatile.Read(ref count);

    /// <inheritdoc />
    public override RateLimiterStatistics? GetStatistics(PartitionKey resource)
    {
        var now = time.GetTimestamp();
        var full = cells.TryGetValue(resource, out var cell) ? Math.Max(now, Volatile.Read(ref cell.Full)) : now;
        return new() { CurrentAvailablePermits = (capacity - (full - now)) / interval };
    }

    /// <inheritdoc />
    protected override RateLimitLease AttemptAcquireCore(PartitionKey resource, int permitCount)
    {
        var now = time.GetTimestamp();
        while (true)
        {
            var cell = Find(resource, now);
            var before = Volatile.Read(ref cell.Full);
            if (before == Dead)
                continue; // dropped by a sweep between our look-up and now
            var full = Math.Max(before, now) + (interval * permitCount);
            var over = full - now - capacity;
            if (over > 0)
                return new Lease(false, Remaining(before, now), Span(over), Span(Math.Max(0, before - now)));
            if (Interlocked.CompareExchange(ref cell.Full, full, before) == before)
                return new Lease(true, Remaining(full, now), TimeSpan.Zero, Span(full - now));
        }
    }

    /// <inheritdoc />
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(PartitionKey resource, int permitCount, CancellationToken cancellationToken) =>
        ValueTask.FromResult(AttemptAcquireCore(resource, permitCount));

    private Cell Find(PartitionKey key, long now)
    {
        if (cells.TryGetValue(key, out var cell))
            return cell;
        if (Volatile.Read(ref count) >= MaxKeys)
        {
            Sweep(now);
            if (Volatile.Read(ref count) >= MaxKeys)
                return overflow;
        }
        var added = new Cell();
        cell = cells.GetOrAdd(key, added);
        if (ReferenceEquals(cell, added))
            Interlocked.Increment(ref count);
        return cell;
    }

    // At most one sweep a second, by the request that finds the table full: the cost is spread over the flood that causes it.
    private void Sweep(long now)
    {
        if (now < Volatile.Read(ref nextSweep) || Interlocked.Exchange(ref sweeping, 1) == 1)
            return;
        foreach (var pair in cells)
        {
            var full = Volatile.Read(ref pair.Value.Full);
            if (full <= now && full != Dead && Interlocked.CompareExchange(ref pair.Value.Full, Dead, full) == full && cells.TryRemove(pair))
                Interlocked.Decrement(ref count);
        }
        Volatile.Write(ref nextSweep, now + time.TimestampFrequency);
        Volatile.Write(ref sweeping, 0);
    }

    private long Remaining(long full, long now) => Math.Max(0, (capacity - Math.Max(0, full - now)) / interval);

    private TimeSpan Span(long timestampTicks) => TimeSpan.FromSeconds((double)timestampTicks / time.TimestampFrequency);

    private sealed class Cell
    {
        public long Full;
    }

    /// <summary>The outcome for one request.</summary>
    /// <param name="acquired">True if it may pass.</param>
    /// <param name="remaining">Permits left.</param>
    /// <param name="retryAfter">When the same request would pass; zero if it did.</param>
    /// <param name="reset">When the bucket is full again.</param>
    internal sealed class Lease(bool acquired, long remaining, TimeSpan retryAfter, TimeSpan reset) : RateLimitLease
    {
        public long Remaining { get; } = remaining;

        public TimeSpan Reset { get; } = reset;

        public override bool IsAcquired { get; } = acquired;

        public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = retryAfter;
            return !IsAcquired && metadataName == MetadataName.RetryAfter.Name;
        }
    }
}
