namespace Harden.Gateway.Identity.Sessions.Store;

/// <summary>
/// Where sessions are: in this gateway's memory, or in Redis for all replicas. Everything may throw
/// <see cref="SessionStoreException"/>, which says that it can't be asked and nothing else.
/// </summary>
internal interface ISessionStore
{
    /// <summary>What happened to sessions, also at other replicas: at most once, and lost when the connection is.</summary>
    event Action<SessionEvent>? Happened;

    /// <summary>Keeps a new session.</summary>
    ValueTask AddAsync(SessionKey key, SessionState state);

    /// <summary>The session with when it was last used; null if there is none, or what is there can't be trusted.</summary>
    ValueTask<(SessionState State, DateTimeOffset Used)?> ReadAsync(SessionKey key);

    /// <summary>Asks whether it is still there, and notes a use.</summary>
    /// <param name="session">The session as it is known here.</param>
    /// <param name="used">When it was used; null if that isn't worth a note.</param>
    ValueTask<Pulse> CheckAsync(Session session, DateTimeOffset? used);

    /// <summary>Replaces what a session knows; false if it is gone.</summary>
    ValueTask<bool> ReplaceAsync(SessionKey key, SessionState state);

    /// <summary>Ends a session everywhere; false if there was none.</summary>
    ValueTask<bool> RemoveAsync(string id, string reason);

    /// <summary>Names of the sessions of a subject (<see cref="Subject.Key"/>).</summary>
    ValueTask<string[]> OfSubjectAsync(string subject);

    /// <summary>Names of the sessions that began with a session at Entra (<c>sid</c>).</summary>
    ValueTask<string[]> OfEntraSessionAsync(string sid);

    /// <summary>A page of all sessions.</summary>
    /// <param name="after">What the page before named; null for the first.</param>
    /// <param name="count">At most so many.</param>
    ValueTask<SessionPage> ListAsync(string? after, int count);

    /// <summary>Claims a session for a renewal: one at a time over all replicas. Null if somebody else has it.</summary>
    ValueTask<string?> LockAsync(string id, TimeSpan longest);

    /// <summary>Gives it back, if it is still ours.</summary>
    ValueTask UnlockAsync(string id, string token);

    /// <summary>Throws if the store can't be asked: better before a code is redeemed than after.</summary>
    ValueTask ReadyAsync();
}

/// <summary>What the store says of a session that is known here.</summary>
/// <param name="Version"><see cref="SessionState.Version"/>; -1 if it is gone.</param>
/// <param name="Used">When it was last used at any replica.</param>
/// <param name="Reason">Why it is gone, if the store still knows.</param>
internal readonly record struct Pulse(long Version, DateTimeOffset Used, string? Reason)
{
    public bool IsGone => Version < 0;

    public static Pulse Gone(string? reason) => new(-1, default, reason);
}

/// <summary>Something that happened to a session.</summary>
/// <param name="Session">Which.</param>
/// <param name="Ended">Why it ended, in a stable word; null if it changed.</param>
internal readonly record struct SessionEvent(UInt128 Session, string? Ended);

/// <summary>The store can't be asked.</summary>
internal sealed class SessionStoreException(string why, Exception? inner = null) : Exception($"Sessions can't be asked for: {why}", inner);
