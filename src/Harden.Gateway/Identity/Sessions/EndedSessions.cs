using System.Collections.Concurrent;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// Sessions that ended a moment ago, so that what is being read of one at that time doesn't bring it back; and those whose end the store
/// could not be told yet. Bounded: of the former the oldest go first.
/// </summary>
internal sealed class EndedSessions(TimeProvider time)
{
    private const int Most = 100_000;
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<UInt128, (DateTimeOffset At, string? Owed)> sessions = new();
    private long swept;

    /// <summary>Sessions whose end is still to be told, with the reason.</summary>
    public IEnumerable<(UInt128 Session, string Reason)> Owed =>
        sessions.Where(static pair => pair.Value.Owed is not null).Select(static pair => (pair.Key, pair.Value.Owed!));

    public bool Contains(UInt128 session) => !sessions.IsEmpty && sessions.ContainsKey(session);

    /// <summary>It ended.</summary>
    public void Note(UInt128 session)
    {
        Sweep();
        if (sessions.Count < Most)
            sessions.TryAdd(session, (time.GetUtcNow(), null));
    }

    /// <summary>It ended, and the store doesn't know.</summary>
    /// <param name="session">Which.</param>
    /// <param name="reason">Why.</param>
    /// <param name="known">It is known to exist. Handles that are made up are remembered only as long as there is room: there is no end of them.</param>
    public void Owe(UInt128 session, string reason, bool known)
    {
        if (known || sessions.Count < Most)
            sessions[session] = (time.GetUtcNow(), reason);
    }

    /// <summary>The store knows now.</summary>
    public void Settle(UInt128 session) => sessions[session] = (time.GetUtcNow(), null);

    private void Sweep()
    {
        var now = time.GetUtcNow();
        var last = Volatile.Read(ref swept);
        if ((now.UtcTicks - last < Memory.Ticks && sessions.Count < Most) || Interlocked.CompareExchange(ref swept, now.UtcTicks, last) != last)
            return;
        foreach (var (session, entry) in sessions)
        {
            if (entry.Owed is null && now - entry.At > Memory)
                sessions.TryRemove(session, out _);
        }
    }
}
