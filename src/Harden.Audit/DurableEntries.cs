namespace Harden.Audit;

/// <summary>
/// The entries of a batch that are durable and waited for. A few threads of the pool go through them, each taking the next: to queue every waiter by itself
/// would wake a thread for each.
/// </summary>
internal sealed class DurableEntries : IThreadPoolWorkItem
{
    // At least two, so that one waiter that keeps its thread holds up nobody else.
    private static readonly int Threads = Math.Max(2, Environment.ProcessorCount);

    private readonly PendingEntry[] entries;
    private int next;

    private DurableEntries(PendingEntry[] entries) => this.entries = entries;

    /// <summary>Those of a batch; null if nobody waits.</summary>
    public static DurableEntries? Of(List<PendingEntry> batch)
    {
        var count = 0;
        foreach (var entry in batch)
            count += Waits(entry) ? 1 : 0;
        if (count == 0)
            return null;
        var (entries, at) = (new PendingEntry[count], 0);
        foreach (var entry in batch)
        {
            if (Waits(entry))
                entries[at++] = entry;
        }
        return new(entries);

        static bool Waits(PendingEntry entry) => entry is { Awaited: true, Abandoned: false };
    }

    /// <summary>Tells their appenders.</summary>
    public void Tell()
    {
        for (var i = Math.Min(entries.Length, Threads); i > 0; i--)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (int i; (i = Interlocked.Increment(ref next) - 1) < entries.Length;)
            entries[i].Complete();
    }
}
