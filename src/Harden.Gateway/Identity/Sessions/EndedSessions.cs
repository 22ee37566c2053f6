using System.Collections.Concurrent;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// Sessions that ended a moment ago, so that what is being read of one at that time doesn't bring it back; and those whose end the store
/// could not be told yet, which are kept in the state directory too. Bounded: of the former the oldest go first.
/// </summary>
internal sealed partial class EndedSessions
{
    private const int Most = 100_000;
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    // What ends these ends them again wherever they are read.
    private static readonly string[] ByThemselves = ["session-expired", "session-idle", "claims-too-old", "tenant-not-allowed"];

    private readonly ConcurrentDictionary<UInt128, (DateTimeOffset At, string? Owed)> sessions = new();
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly string file;
    private long swept;
    private int unsaved;

    public EndedSessions(StateDirectory state, TimeProvider time, ILogger<EndedSessions> log)
    {
        (this.time, this.log) = (time, log);
        file = Path.Combine(state.Of("revocations"), "sessions");
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            if (line.Split(' ') is [var id, var reason] && SessionKey.Parse(id) is { } session)
                sessions[session] = (time.GetUtcNow(), reason);
        }
    }

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
        if (!known && sessions.Count >= Most)
            return;
        sessions[session] = (time.GetUtcNow(), reason);
        if (known)
            Volatile.Write(ref unsaved, 1);
    }

    /// <summary>The store knows now.</summary>
    public void Settle(UInt128 session)
    {
        sessions[session] = (time.GetUtcNow(), null);
        Volatile.Write(ref unsaved, 1);
    }

    /// <summary>Keeps what is owed on disk, if that has changed: a gateway that is killed meanwhile must still tell it.</summary>
    public void Save()
    {
        if (Interlocked.Exchange(ref unsaved, 0) == 0)
            return;
        try
        {
            PrivateFile.Write(file, string.Concat(Owed.Where(static owed => !ByThemselves.Contains(owed.Reason)).Select(static owed => $"{SessionKey.Text(owed.Session)} {owed.Reason}\n")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotSaved(log, file, e.Message);
        }
    }

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

    private static partial class Log
    {
        [LoggerMessage(2032, LogLevel.Error, "Ends of sessions are in force here but could not be saved in \"{File}\", so a restart of this gateway before Redis is back would forget them: {Reason}")]
        public static partial void NotSaved(ILogger log, string file, string reason);
    }
}
