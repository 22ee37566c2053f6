namespace Harden.Gateway.RateLimits.Counting;

/// <summary>
/// A sliding window for each owner: in no span of the window's length, wherever it begins, are more than the permits let through. The window
/// is counted in ten segments and the one being left is counted whole, so a permit returns up to a tenth of the window late and never early.
/// </summary>
internal sealed class WindowLimiter : LocalLimiter<WindowLimiter.Ring>
{
    /// <summary>Parts of a window; one more is counted.</summary>
    public const int Parts = 10;

    private readonly long length;
    private readonly int permits;

    /// <summary>Makes a limiter.</summary>
    public WindowLimiter(int permits, TimeSpan window, PartitionTable<Ring> table, TimeProvider time)
        : base(table, time)
    {
        length = Part(window, Parts, time);
        this.permits = permits;
    }

    /// <inheritdoc />
    protected override long Capacity => permits;

    /// <inheritdoc />
    protected override LimitLease? Take(Ring cell, long now, int permits)
    {
        lock (cell)
        {
            if (cell.Ended)
                return null;
            var segment = cell.Advance(now / length, length);
            var remaining = this.permits - cell.Total - permits;
            if (remaining < 0)
                return new(false, Math.Max(0, this.permits - cell.Total), Span(cell.Leaves(-remaining, length) - now), Span(cell.Empty(length) - now));
            cell.Add(segment, permits);
            return new Taken(cell, segment, permits, remaining, Span(cell.Empty(length) - now));
        }
    }

    /// <inheritdoc />
    protected override long Used(Ring cell, long now)
    {
        lock (cell)
        {
            cell.Advance(now / length, length);
            return cell.Total;
        }
    }

    /// <inheritdoc />
    protected override void Clear(Ring cell)
    {
        lock (cell)
            cell.Clear();
    }

    private sealed class Taken(Ring cell, long segment, int permits, long remaining, TimeSpan reset) : LimitLease(true, remaining, TimeSpan.Zero, reset)
    {
        public override void GiveBack()
        {
            lock (cell)
                cell.Add(segment, -permits);
        }
    }

    /// <summary>The segments of one owner. Locked by whoever uses it: a lock for one owner, held for some tens of instructions.</summary>
    internal sealed class Ring : Cell
    {
        private readonly int[] counts = new int[Parts + 1];
        private long newest;
        private long length;

        public bool Ended { get; private set; }

        /// <summary>Permits in all segments.</summary>
        public long Total { get; private set; }

        /// <summary>Moves on to a segment and forgets those that have left; the segment that is then the newest.</summary>
        public long Advance(long segment, long segmentLength)
        {
            if (length != segmentLength)
                Clear(); // segments of another length can't be compared
            length = segmentLength;
            for (var gone = Math.Max(newest + 1, segment - Parts); gone <= segment; gone++)
            {
                Total -= counts[gone % counts.Length];
                counts[gone % counts.Length] = 0;
            }
            return newest = Math.Max(newest, segment);
        }

        public void Add(long segment, int permits)
        {
            if (segment < newest - Parts || counts[segment % counts.Length] + permits < 0)
                return; // given back after it had left, or after a reset
            counts[segment % counts.Length] += permits;
            Total += permits;
        }

        /// <summary>When so many permits will have left.</summary>
        public long Leaves(long permits, long segmentLength)
        {
            for (var segment = Math.Max(0, newest - Parts); ; segment++)
            {
                permits -= counts[segment % counts.Length];
                if (permits <= 0 || segment >= newest)
                    return (segment + Parts + 1) * segmentLength;
            }
        }

        /// <summary>When all will have left.</summary>
        public long Empty(long segmentLength)
        {
            var segment = newest;
            while (segment > Math.Max(0, newest - Parts) && counts[segment % counts.Length] == 0)
                segment--;
            return (segment + Parts + 1) * segmentLength;
        }

        public void Clear()
        {
            Array.Clear(counts);
            (Total, newest) = (0, 0);
        }

        /// <inheritdoc />
        public override bool TryRetire(long now)
        {
            lock (this)
            {
                if (length > 0)
                    Advance(now / length, length);
                return !Ended && (Ended = Total == 0);
            }
        }
    }
}
