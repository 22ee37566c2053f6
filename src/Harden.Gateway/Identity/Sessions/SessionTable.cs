using System.Collections.Concurrent;
using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.Sessions.Store;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// The sessions in use at this replica. What the store said of one is good for <see cref="SessionOptions.CheckInterval"/>; a hot session is
/// checked in the background before that, so that requests on it don't wait. Messages of other replicas come sooner. Bounded: what is not
/// in use is dropped and read again when it is.
/// </summary>
internal sealed class SessionTable
{
    private static readonly TimeSpan LongestNote = TimeSpan.FromMinutes(1);

    // Roles change now and then: a request under way is not worth cutting off for that, a stream is.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<UInt128, Session> sessions = new();
    private readonly ISessionStore store;
    private readonly Revocations revocations;
    private readonly EndedSessions ended;
    private readonly Live<SessionOptions> live;
    private readonly TimeProvider time;
    private long trimmed;

    public SessionTable(ISessionStore store, Revocations revocations, EndedSessions ended, Live<SessionOptions> live, TimeProvider time)
    {
        (this.store, this.revocations, this.ended, this.live, this.time) = (store, revocations, ended, live, time);
        store.Happened += OnHappened;
        revocations.Revoked += OnRevoked;
    }

    /// <summary>The sessions known here.</summary>
    public IEnumerable<Session> Known => sessions.Select(static pair => pair.Value);

    /// <summary>A session by its name, if it is known here.</summary>
    public Session? Of(UInt128 number) => sessions.GetValueOrDefault(number);

    /// <summary>The session of a handle if it can be told without asking the store; notes the use.</summary>
    public Session? Find(string handle)
    {
        if (!sessions.TryGetValue(SessionKey.NumberOf(handle), out var session))
            return null;
        var (now, options) = (time.GetUtcNow(), live.Current);
        var age = now - session.ConfirmedAt;
        if (age >= options.CheckInterval || IsOver(session, now))
            return null;
        session.Touch(now);
        if (age >= options.CheckInterval / 2 && session.TryBeginWork())
            _ = CheckInBackgroundAsync(session);
        return session;
    }

    /// <summary>The session of a handle, if it is still good; asks the store and notes the use.</summary>
    /// <exception cref="SessionStoreException">The store can't be asked, and <see cref="SessionOptions.OnStoreFailure"/> lets nothing pass.</exception>
    public async ValueTask<Session?> FindAsync(string handle)
    {
        if (Find(handle) is { } hot)
            return hot;
        var now = time.GetUtcNow();
        Session? session;
        if (!sessions.TryGetValue(SessionKey.NumberOf(handle), out session))
            session = await ReadAsync(handle);
        else
        {
            if (!IsOver(session, now))
                session.Touch(now); // before the check, which tells the store
            if (!await CheckAsync(session))
                return null;
            session = sessions.GetValueOrDefault(session.Key.Number, session); // the check may have found another
        }
        if (session is null)
            return null;
        if (IsOver(session, now))
        {
            await EndAsync(session.Key.Number, now >= session.State.Expires ? "session-expired" : "session-idle");
            return null;
        }
        session.Touch(now);
        return session;
    }

    /// <summary>Keeps a new session.</summary>
    /// <exception cref="SessionStoreException">The store can't be asked.</exception>
    public async Task AddAsync(string handle, SessionState state)
    {
        var key = SessionKey.Of(handle);
        await store.AddAsync(key, state);
        Keep(new(key, state, state.SignedIn, time.GetUtcNow()));
        if (revocations.Covers(state.Subject.Key, state.SignedIn)) // while it was being kept: who revoked found nothing yet
            await EndAsync(key.Number, "session-revoked");
    }

    /// <summary>Ends a session: here at once, elsewhere as soon as the store can be told.</summary>
    /// <returns>False if the store could not be told yet; it will be.</returns>
    public Task<bool> EndAsync(string handle, string reason) => EndAsync(SessionKey.NumberOf(handle), reason);

    /// <inheritdoc cref="EndAsync(string, string)"/>
    public async Task<bool> EndAsync(UInt128 number, string reason)
    {
        var known = sessions.ContainsKey(number);
        Forget(number, reason);
        try
        {
            await store.RemoveAsync(SessionKey.Text(number), reason);
            return true;
        }
        catch (SessionStoreException)
        {
            ended.Owe(number, reason, known);
            return false;
        }
    }

    /// <summary>The store could not be told that a session ended, which an administrator or its owner asked for: it will be.</summary>
    public void Owe(UInt128 number, string reason) => ended.Owe(number, reason, known: true);

    /// <summary>Asks the store whether a session is still good, and tells it of its use now and then.</summary>
    /// <exception cref="SessionStoreException">The store can't be asked, and <see cref="SessionOptions.OnStoreFailure"/> lets nothing pass.</exception>
    public async ValueTask<bool> CheckAsync(Session session)
    {
        var (now, options, used) = (time.GetUtcNow(), live.Current, session.LastUsed);
        try
        {
            var noteEvery = options.IdleTimeout / 20 < LongestNote ? options.IdleTimeout / 20 : LongestNote;
            DateTimeOffset? note = used - session.NotedUse >= noteEvery && !IsOver(session, now) ? used : null;
            var pulse = await store.CheckAsync(session, note);
            if (pulse.IsGone || revocations.Covers(session.Subject.Key, session.State.SignedIn))
            {
                Forget(session.Key.Number, pulse.Reason ?? (pulse.IsGone ? "session-gone" : "session-revoked"));
                return false;
            }
            if (pulse.Version != session.State.Version && !await SettleAsync(session, pulse.Version))
                return false;
            session.NotedUse = pulse.Used;
            session.Touch(pulse.Used);
            session.ConfirmedAt = now; // when it was asked, not when it answered
            return true;
        }
        catch (SessionStoreException) when (options.OnStoreFailure == SessionStoreFailure.Local && now - session.ConfirmedAt < options.LocalLimit)
        {
            return true;
        }
    }

    /// <summary>Puts what Entra has just said in place of what was known. What runs on rights that are no more ends.</summary>
    public Session Adopt(Session session, SessionState state)
    {
        if (Rights.Same(session.State.Subject, state.Subject))
        {
            session.State = state;
            return session;
        }
        var next = new Session(session.Key, state, session.LastUsed, session.ConfirmedAt) { NotedUse = session.NotedUse };
        if (sessions.TryUpdate(session.Key.Number, next, session))
            session.End("rights-changed", LastWords);
        return next;
    }

    /// <summary>Forgets a session that is not in use, without ending it.</summary>
    public void Drop(Session session)
    {
        if (!InUse(session))
            sessions.TryRemove(KeyValuePair.Create(session.Key.Number, session));
    }

    /// <summary>Ends what runs on a session that can't be confirmed, though it may be good: it is read again when it is asked for.</summary>
    public void Lapse(Session session)
    {
        if (sessions.TryRemove(KeyValuePair.Create(session.Key.Number, session)))
            session.End("session-store");
    }

    /// <summary>Ends what is known here of a session.</summary>
    public void Forget(UInt128 number, string reason)
    {
        ended.Note(number);
        if (sessions.TryRemove(number, out var session))
            session.End(reason);
    }

    /// <summary>It has ended by itself.</summary>
    public bool IsOver(Session session, DateTimeOffset now) =>
        now >= session.State.Expires || now - session.LastUsed >= live.Current.IdleTimeout;

    private async ValueTask<Session?> ReadAsync(string handle)
    {
        var now = time.GetUtcNow();
        var key = SessionKey.Of(handle);
        if (ended.Contains(key.Number) || await store.ReadAsync(key) is not { } found || revocations.Covers(found.State.Subject.Key, found.State.SignedIn))
            return null;
        var session = Keep(new(key, found.State, found.Used, now));
        // Once more: from now on an end or a revocation finds it, while it was being read they did not.
        var reason = ended.Contains(key.Number) ? "session-ended" : revocations.Covers(found.State.Subject.Key, found.State.SignedIn) ? "session-revoked" : null;
        if (reason is null)
            return session;
        Forget(key.Number, reason);
        return null;
    }

    // Another replica renewed it, or this one did and could not say so.
    private async ValueTask<bool> SettleAsync(Session session, long version)
    {
        if (version < session.State.Version)
            return await store.ReplaceAsync(session.Key, session.State);
        if (await store.ReadAsync(session.Key) is { } found)
        {
            Adopt(session, found.State);
            return true;
        }
        Forget(session.Key.Number, "session-gone");
        return false;
    }

    private async Task CheckInBackgroundAsync(Session session)
    {
        try
        {
            await CheckAsync(session);
        }
        catch (SessionStoreException)
        {
            // The request that comes when the interval is over is told.
        }
        finally
        {
            session.EndWork();
        }
    }

    private Session Keep(Session session)
    {
        Trim();
        return sessions.GetOrAdd(session.Key.Number, session);
    }

    // Only a cache: what is dropped is read again. At most once a second and a hundredth at a time, so that a full table isn't sorted for each newcomer.
    private void Trim()
    {
        var (most, now, last) = (live.Current.MaxSessions, time.GetUtcNow().UtcTicks, Volatile.Read(ref trimmed));
        if (sessions.Count < most || now - last < TimeSpan.TicksPerSecond || Interlocked.CompareExchange(ref trimmed, now, last) != last)
            return;
        foreach (var old in Known.Where(session => !InUse(session)).OrderBy(static s => s.LastUsed).Take(Math.Max(sessions.Count - most + 1, most / 100)).ToArray())
            Drop(old);
    }

    // Also what has just been found for a request that has not begun to ride yet: on a session that isn't in the table it would never end.
    private bool InUse(Session session) => session.IsRidden || time.GetUtcNow() - session.LastUsed < Settling;

    private void OnHappened(SessionEvent what)
    {
        if (what.Ended is { } reason)
            Forget(what.Session, reason);
        else if (sessions.TryGetValue(what.Session, out var session) && session.TryBeginWork())
            _ = CheckInBackgroundAsync(session);
    }

    private void OnRevoked(string subject)
    {
        foreach (var session in Known)
        {
            if (session.Subject.Key == subject && revocations.Covers(subject, session.State.SignedIn))
                Forget(session.Key.Number, "session-revoked");
        }
    }
}
