namespace Harden.Gateway.Identity.Sessions;

/// <summary>A person's sign-in at one browser.</summary>
internal sealed class Session(Subject subject, DateTimeOffset signedIn, DateTimeOffset expires)
{
    private readonly CancellationTokenSource ended = new();
    private long lastUsed = signedIn.UtcTicks;

    /// <summary>Who.</summary>
    public Subject Subject { get; } = subject;

    /// <summary>When they signed in.</summary>
    public DateTimeOffset SignedIn { get; } = signedIn;

    /// <summary>When it ends however much it is used.</summary>
    public DateTimeOffset Expires { get; } = expires;

    /// <summary>Entra's id of its own session (<c>sid</c>), by which a front-channel sign-out names it.</summary>
    public string EntraSession { get; init; } = "";

    /// <summary>What Entra's sign-out wants to know whom to sign out without asking.</summary>
    public string LoginHint { get; init; } = "";

    /// <summary>When it was last used, to within a second or so.</summary>
    public DateTimeOffset LastUsed => new(Volatile.Read(ref lastUsed), TimeSpan.Zero);

    /// <summary>Cancelled when the session ends, so that what is still running on it ends too.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Notes a use. Writes rarely: a hot session is read by every core.</summary>
    public void Touch(DateTimeOffset now)
    {
        if (now.UtcTicks - Volatile.Read(ref lastUsed) > TimeSpan.TicksPerSecond)
            Volatile.Write(ref lastUsed, now.UtcTicks);
    }

    /// <summary>Ends it and what is running on it.</summary>
    public void End() => ended.Cancel();
}
