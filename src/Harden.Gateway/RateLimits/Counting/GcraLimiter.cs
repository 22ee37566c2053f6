namespace Harden.Gateway.RateLimits.Counting;

/// <summary>
/// A token bucket for each owner, kept as the one number of the generic cell rate algorithm (ITU-T I.371): the theoretical arrival time at
/// which the bucket is full again. One whose time has passed is the same as an absent one, so it can be dropped without loss.
/// </summary>
internal sealed class GcraLimiter : LocalLimiter<GcraLimiter.Bucket>
{
    private readonly long interval;
    private readonly long capacity;

    /// <summary>Makes a limiter.</summary>
    /// <param name="permits">Permits replenished in each window.</param>
    /// <param name="window">The window.</param>
    /// <param name="burst">Permits a full bucket holds.</param>
    /// <param name="table">Its counters, new or another's.</param>
    /// <param name="time">The clock.</param>
    public GcraLimiter(int permits, TimeSpan window, int burst, PartitionTable<Bucket> table, TimeProvider time)
        : base(table, time)
    {
        interval = Part(window, permits, time);
        capacity = interval * burst;
    }

    /// <inheritdoc />
    protected override long Capacity => capacity / interval;

    /// <inheritdoc />
    protected override LimitLease? Take(Bucket cell, long now, int permits)
    {
        while (true)
        {
            var before = Volatile.Read(ref cell.Full);
            if (before == Bucket.Ended)
                return null;
            var from = Math.Clamp(before, now, now + capacity); // above it only after a reload to a smaller bucket
            var full = from + (interval * permits);
            var over = full - now - capacity;
            if (over > 0)
                return new(false, Remaining(from, now), Span(over), Span(from - now));
            if (Interlocked.CompareExchange(ref cell.Full, full, before) == before)
                return new Taken(this, cell, permits, full, Remaining(full, now), Span(full - now));
        }
    }

    /// <inheritdoc />
    protected override long Used(Bucket cell, long now)
    {
        var full = Volatile.Read(ref cell.Full);
        return full <= now ? 0 : Math.Min(capacity, full - now + interval - 1) / interval;
    }

    /// <inheritdoc />
    protected override void Clear(Bucket cell)
    {
        for (var full = Volatile.Read(ref cell.Full); full != Bucket.Ended && Interlocked.CompareExchange(ref cell.Full, 0, full) != full;)
            full = Volatile.Read(ref cell.Full);
    }

    // A permit comes back by itself once the bucket has been full: given back after that, it would be there twice.
    private void GiveBack(Bucket cell, int permits, long stamp)
    {
        for (var full = Volatile.Read(ref cell.Full); stamp > Time.GetTimestamp() && full != Bucket.Ended; full = Volatile.Read(ref cell.Full))
        {
            if (Interlocked.CompareExchange(ref cell.Full, full - (interval * permits), full) == full)
                return;
        }
    }

    private long Remaining(long full, long now) => (capacity - Math.Max(0, full - now)) / interval;

    /// <summary>One bucket.</summary>
    internal sealed class Bucket : Cell
    {
        public const long Ended = long.MinValue;

        public long Full;

        /// <inheritdoc />
        public override bool TryRetire(long now)
        {
            var full = Volatile.Read(ref Full);
            return full <= now && full != Ended && Interlocked.CompareExchange(ref Full, Ended, full) == full;
        }
    }

    private sealed class Taken(GcraLimiter limiter, Bucket cell, int permits, long full, long remaining, TimeSpan reset) : LimitLease(true, remaining, TimeSpan.Zero, reset)
    {
        public override void GiveBack() => limiter.GiveBack(cell, permits, full);
    }
}
