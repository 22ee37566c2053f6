using System.Threading.RateLimiting;

namespace Harden.Gateway.RateLimits.Counting;

/// <summary>What limiters that count in memory have in common.</summary>
internal abstract class LocalLimiter<TCell>(PartitionTable<TCell> table, TimeProvider time) : PolicyLimiter
    where TCell : Cell, new()
{
    /// <summary>The counters. A limiter with other numbers takes them over on a reload.</summary>
    public PartitionTable<TCell> Table { get; } = table;

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>The time that counters understand. Monotonic, so that setting the wall clock changes nothing, unless they count days.</summary>
    protected virtual long Now => Time.GetTimestamp();

    /// <summary>How much of that is a second.</summary>
    protected virtual long Second => Time.TimestampFrequency;

    /// <inheritdoc />
    public override RateLimiterStatistics? GetStatistics(PartitionKey resource) =>
        new() { CurrentAvailablePermits = Table.Known(resource) is { } cell ? Capacity - Used(cell, Now) : Capacity };

    /// <inheritdoc />
    public override IEnumerable<PartitionView> Partitions()
    {
        var now = Now;
        return Table.All.Append(Table.Rest).Select(pair => new PartitionView(pair.Key, Used(pair.Value, now), pair.Value.Accepted, pair.Value.Denied));
    }

    /// <inheritdoc />
    public override ValueTask<ResetOutcome> ResetAsync(string partition)
    {
        var outcome = ResetOutcome.Unknown;
        foreach (var (key, cell) in Table.All.Append(Table.Rest))
        {
            if (key.ToString() != partition)
                continue;
            Clear(cell);
            outcome = ResetOutcome.Done;
        }
        return ValueTask.FromResult(outcome);
    }

    /// <summary>Most permits that a counter holds.</summary>
    protected abstract long Capacity { get; }

    /// <summary>Takes permits or says when they will be there; null if the counter was dropped meanwhile.</summary>
    protected abstract LimitLease? Take(TCell cell, long now, int permits);

    /// <summary>Permits in use.</summary>
    protected abstract long Used(TCell cell, long now);

    /// <summary>Makes a counter as good as new.</summary>
    protected abstract void Clear(TCell cell);

    /// <inheritdoc />
    protected override RateLimitLease AttemptAcquireCore(PartitionKey resource, int permitCount)
    {
        var now = Now;
        while (true)
        {
            var cell = Table.Of(resource, now, Second);
            if (Take(cell, now, permitCount) is not { } lease)
                continue;
            cell.Note(lease.IsAcquired);
            return lease;
        }
    }

    /// <inheritdoc />
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(PartitionKey resource, int permitCount, CancellationToken cancellationToken) =>
        ValueTask.FromResult(AttemptAcquireCore(resource, permitCount));

    /// <summary>A number of timestamp ticks as a time, rounded up: whoever comes back after it must not be a tick too early.</summary>
    protected TimeSpan Span(long ticks) =>
        new((long)((((Int128)ticks * TimeSpan.TicksPerSecond) + Time.TimestampFrequency - 1) / Time.TimestampFrequency));

    /// <summary>An even part of a time in timestamp ticks, rounded up so that parts never make more than the whole.</summary>
    protected static long Part(TimeSpan whole, int parts, TimeProvider time)
    {
        var divisor = (Int128)parts * TimeSpan.TicksPerSecond;
        return (long)Int128.Max(1, (((Int128)whole.Ticks * time.TimestampFrequency) + divisor - 1) / divisor);
    }
}
