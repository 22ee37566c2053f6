namespace Harden.Audit.Bodies;

/// <summary>
/// Entries with bodies for which nobody waits. A batch with bodies costs a write and a flush more, before its lines: gathered, they cost it once for many, and whoever waits for an entry of
/// their own seldom waits for other people's bodies.
/// </summary>
internal sealed class BodyGather
{
    private readonly List<PendingEntry> entries = [];

    /// <summary>Bytes on disk, about.</summary>
    public int Bytes { get; private set; }

    /// <summary>When they must be written, by the clock that is never set.</summary>
    public long Due { get; private set; } = long.MaxValue;

    /// <summary>Takes an entry in, if it is such a one.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="bytes">Bytes on disk, about.</param>
    /// <param name="due">When it must be written, if it is the first.</param>
    public bool TryTake(PendingEntry entry, int bytes, long due)
    {
        if (entry.Awaited || entry.BodyCount == 0)
            return false;
        entries.Add(entry);
        Bytes += bytes;
        Due = Math.Min(Due, due);
        return true;
    }

    /// <summary>Hands all of them on. Returns their bytes.</summary>
    public int MoveTo(Action<PendingEntry> next)
    {
        var moved = Bytes;
        entries.ForEach(next);
        entries.Clear();
        (Bytes, Due) = (0, long.MaxValue);
        return moved;
    }
}
