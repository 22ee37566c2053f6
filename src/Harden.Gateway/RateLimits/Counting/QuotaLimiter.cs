namespace Harden.Gateway.RateLimits.Counting;

/// <summary>
/// A number for each owner and day. Days are those of UTC: every replica and every caller agrees on when one ends, none has 23 or 25 hours. If
/// the wall clock is set back over midnight, the later day goes on.
/// </summary>
internal sealed class QuotaLimiter(int permits, PartitionTable<QuotaLimiter.Tally> table, TimeProvider time) : LocalLimiter<QuotaLimiter.Tally>(table, time)
{
    private const long DayLength = 86_400_000;

    private long changes;

    /// <summary>Grows whenever something is counted.</summary>
    public long Changes => Volatile.Read(ref changes);

    /// <summary>Days since 1970.</summary>
    public long Today => Now / DayLength;

    /// <inheritdoc />
    protected override long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc />
    protected override long Second => 1000;

    /// <inheritdoc />
    protected override long Capacity => permits;

    /// <summary>Puts back what was used before a restart.</summary>
    public void Restore(PartitionKey key, long day, long used)
    {
        var cell = Table.Of(key, Now, Second);
        lock (cell)
            (cell.Day, cell.Used) = (day, used);
    }

    /// <summary>What was used today so far.</summary>
    public IEnumerable<(PartitionKey Key, long Used)> UsedToday()
    {
        var today = Today;
        foreach (var (key, cell) in Table.All)
        {
            if (cell.Day == today && cell.Used > 0)
                yield return (key, cell.Used);
        }
    }

    /// <inheritdoc />
    protected override LimitLease? Take(Tally cell, long now, int permits)
    {
        lock (cell)
        {
            if (cell.Ended)
                return null;
            if (now / DayLength > cell.Day)
                (cell.Day, cell.Used) = (now / DayLength, 0);
            var reset = TimeSpan.FromMilliseconds(((cell.Day + 1) * DayLength) - now);
            if (cell.Used + permits > Capacity)
                return new(false, Math.Max(0, Capacity - cell.Used), reset, reset);
            cell.Used += permits;
            Interlocked.Increment(ref changes);
            return new Taken(cell, cell.Day, permits, Capacity - cell.Used, reset);
        }
    }

    /// <inheritdoc />
    protected override long Used(Tally cell, long now) => cell.Day >= now / DayLength ? cell.Used : 0;

    /// <inheritdoc />
    protected override void Clear(Tally cell)
    {
        lock (cell)
            cell.Used = 0;
        Interlocked.Increment(ref changes);
    }

    private sealed class Taken(Tally cell, long day, int permits, long remaining, TimeSpan reset) : LimitLease(true, remaining, TimeSpan.Zero, reset)
    {
        public override void GiveBack()
        {
            lock (cell)
            {
                if (cell.Day == day)
                    cell.Used = Math.Max(0, cell.Used - permits);
            }
        }
    }

    /// <summary>What one owner used on one day. Locked by whoever changes it.</summary>
    internal sealed class Tally : Cell
    {
        public bool Ended { get; private set; }

        public long Day { get; set; }

        public long Used { get; set; }

        /// <inheritdoc />
        public override bool TryRetire(long now)
        {
            lock (this)
                return !Ended && (Ended = Used == 0 || Day < now / DayLength);
        }
    }
}
