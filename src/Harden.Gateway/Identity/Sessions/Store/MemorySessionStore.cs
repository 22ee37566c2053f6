using System.Collections.Concurrent;
using System.Collections.Immutable;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity.Sessions.Store;

/// <summary>Sessions of a gateway that is alone, in its memory: they end with it. Bounded; what has expired goes first, then what was unused for longest.</summary>
internal sealed class MemorySessionStore(Live<SessionOptions> live, TimeProvider time) : ISessionStore
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableHashSet<string>> bySid = new(StringComparer.Ordinal); // anybody may ask for one
    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset Until)> locks = new(StringComparer.Ordinal);
    private long swept;

    public event Action<SessionEvent>? Happened;

    public ValueTask AddAsync(SessionKey key, SessionState state)
    {
        Sweep();
        sessions[key.Id] = new(state);
        if (state.EntraSession.Length > 0)
            bySid.AddOrUpdate(state.EntraSession, static (_, id) => [id], static (_, ids, id) => ids.Add(id), key.Id);
        return default;
    }

    public ValueTask<(SessionState State, DateTimeOffset Used)?> ReadAsync(SessionKey key) =>
        new(Find(key.Id) is { } entry ? (entry.State, entry.Used) : null);

    public ValueTask<Pulse> CheckAsync(Session session, DateTimeOffset? used)
    {
        if (Find(session.Key.Id) is not { } entry)
            return new(Pulse.Gone(null));
        if (used is { } when && when > entry.Used)
            entry.Used = when;
        return new(new Pulse(entry.State.Version, entry.Used, null));
    }

    public ValueTask<bool> ReplaceAsync(SessionKey key, SessionState state)
    {
        if (Find(key.Id) is not { } entry)
            return new(false);
        entry.State = state;
        Happened?.Invoke(new(key.Number, null));
        return new(true);
    }

    public ValueTask<bool> RemoveAsync(string id, string reason)
    {
        if (!sessions.TryRemove(id, out var entry))
            return new(false);
        Unlist(entry.State.EntraSession, id);
        Happened?.Invoke(new(SessionKey.Parse(id)!.Value, reason));
        return new(true);
    }

    public ValueTask<string[]> OfSubjectAsync(string subject) => new([.. sessions.Where(pair => pair.Value.State.Subject.Key == subject).Select(static pair => pair.Key)]);

    public ValueTask<string[]> OfEntraSessionAsync(string sid) => new([.. bySid.GetValueOrDefault(sid, [])]);

    public ValueTask<SessionPage> ListAsync(string? after, int count)
    {
        var now = time.GetUtcNow();
        var found = sessions.Where(pair => !IsOver(pair.Value, now))
            .Select(static pair => (Cursor: SessionCursor.Of(pair.Value.State.Expires, pair.Key), pair.Key, pair.Value))
            .Where(entry => SessionCursor.Parse(after) is not { } cursor || entry.Cursor.CompareTo(cursor) < 0)
            .OrderByDescending(static entry => entry.Cursor).Take(count + 1).ToArray();
        return new(new SessionPage(
            [.. found.Take(count).Select(static entry => SessionSummary.Of(entry.Key, entry.Value.State, entry.Value.Used))],
            found.Length > count ? found[count - 1].Cursor.ToString() : null));
    }

    public ValueTask<string?> LockAsync(string id, TimeSpan longest)
    {
        var now = time.GetUtcNow();
        var mine = (Guid.NewGuid().ToString("N"), now + longest);
        if (locks.TryGetValue(id, out var held) && held.Until <= now)
            locks.TryRemove(KeyValuePair.Create(id, held)); // whoever took it was not heard of again
        return new(locks.TryAdd(id, mine) ? mine.Item1 : null);
    }

    public ValueTask UnlockAsync(string id, string token)
    {
        if (locks.TryGetValue(id, out var held) && held.Token == token)
            locks.TryRemove(KeyValuePair.Create(id, held));
        return default;
    }

    public ValueTask ReadyAsync() => default;

    private void Unlist(string sid, string id)
    {
        while (bySid.TryGetValue(sid, out var ids) && ids.Contains(id))
        {
            var left = ids.Remove(id);
            if (left.IsEmpty ? bySid.TryRemove(KeyValuePair.Create(sid, ids)) : bySid.TryUpdate(sid, left, ids))
                return;
        }
    }

    private Entry? Find(string id) => sessions.TryGetValue(id, out var entry) && !IsOver(entry, time.GetUtcNow()) ? entry : null;

    private bool IsOver(Entry entry, DateTimeOffset now) => now >= entry.State.Expires || now - entry.Used >= live.Current.IdleTimeout;

    private void Sweep()
    {
        var now = time.GetUtcNow();
        var last = Volatile.Read(ref swept);
        var most = live.Current.MaxSessions;
        if ((sessions.Count < most && now.UtcTicks - last < SweepInterval.Ticks) || Interlocked.CompareExchange(ref swept, now.UtcTicks, last) != last)
            return;
        foreach (var (id, entry) in sessions)
        {
            if (IsOver(entry, now))
                _ = RemoveAsync(id, "session-expired");
        }
        var surplus = sessions.Count - most + 1;
        if (surplus <= 0)
            return;
        // A hundredth at a time, so that a full table isn't sorted at each sign-in.
        foreach (var (id, _) in sessions.ToArray().OrderBy(static s => s.Value.Used).Take(Math.Max(surplus, most / 100)))
            _ = RemoveAsync(id, "session-surplus");
    }

    private sealed class Entry(SessionState state)
    {
        private SessionState state = state;
        private long used = state.SignedIn.UtcTicks;

        public SessionState State
        {
            get => Volatile.Read(ref state);
            set => Volatile.Write(ref state, value);
        }

        public DateTimeOffset Used
        {
            get => new(Volatile.Read(ref used), TimeSpan.Zero);
            set => Volatile.Write(ref used, value.UtcTicks);
        }
    }
}
