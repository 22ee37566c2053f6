using System.Collections.Concurrent;

namespace Harden.Gateway.RateLimits.Counting;

/// <summary>
/// The counters of a policy by owner, bounded: when it is full, those that hold nothing are dropped, and while all hold something newcomers
/// share one. So a flood of distinct names costs a known amount of memory, and is limited as one caller.
/// </summary>
internal sealed class PartitionTable<TCell>
    where TCell : Cell, new()
{
    /// <summary>The name of what newcomers share, in Redis too.</summary>
    public const string OverflowName = "overflow";

    private readonly ConcurrentDictionary<PartitionKey, TCell> cells = new();
    private int count;
    private int sweeping;
    private long nextSweep;

    /// <summary>Most counters kept.</summary>
    public required int Most { get; set; }

    /// <summary>What newcomers share while the table is full.</summary>
    public TCell Overflow { get; } = new();

    /// <summary>The same with its name.</summary>
    public KeyValuePair<PartitionKey, TCell> Rest => new(new(OverflowName, 0), Overflow);

    /// <summary>Counters kept now.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Every counter with its owner.</summary>
    public IEnumerable<KeyValuePair<PartitionKey, TCell>> All => cells;

    /// <summary>The counter of an owner if there is one.</summary>
    public TCell? Known(PartitionKey key) => cells.GetValueOrDefault(key);

    /// <summary>The counter of an owner: there already, new, or the shared one.</summary>
    /// <param name="key">The owner.</param>
    /// <param name="now">The time that <see cref="Cell.TryRetire"/> understands.</param>
    /// <param name="second">How much of that is a second.</param>
    public TCell Of(PartitionKey key, long now, long second)
    {
        if (cells.TryGetValue(key, out var cell))
            return cell;
        if (Count >= Most)
        {
            Sweep(now, second);
            if (Count >= Most)
                return Overflow;
        }
        var added = new TCell();
        cell = cells.GetOrAdd(key, added);
        if (ReferenceEquals(cell, added))
            Interlocked.Increment(ref count);
        return cell;
    }

    // At most one sweep a second, by the request that finds the table full: the cost is spread over the flood that causes it.
    private void Sweep(long now, long second)
    {
        if (now < Volatile.Read(ref nextSweep) || Interlocked.Exchange(ref sweeping, 1) == 1)
            return;
        foreach (var pair in cells)
        {
            if (pair.Value.TryRetire(now) && cells.TryRemove(pair))
                Interlocked.Decrement(ref count);
        }
        Volatile.Write(ref nextSweep, now + second);
        Volatile.Write(ref sweeping, 0);
    }
}
