namespace Harden.Gateway.Identity;

/// <summary>An access token that was found valid.</summary>
/// <param name="subject">Whose it is.</param>
/// <param name="issued">When it was issued.</param>
/// <param name="expires">When it expires.</param>
/// <param name="options">What it was found valid under.</param>
internal sealed class KnownToken(Subject subject, DateTimeOffset issued, DateTimeOffset expires, EntraOptions options)
{
    private EntraOptions options = options;
    private readonly CancellationTokenSource ended = new();
    private int inUse;

    /// <summary>Whose it is.</summary>
    public Subject Subject { get; } = subject;

    /// <summary>When it was issued.</summary>
    public DateTimeOffset Issued { get; } = issued;

    /// <summary>When it expires.</summary>
    public DateTimeOffset Expires { get; } = expires;

    /// <summary>What it was last found valid under: audiences may have changed since.</summary>
    public EntraOptions Options
    {
        get => Volatile.Read(ref options);
        set => Volatile.Write(ref options, value);
    }

    /// <summary>Cancelled when it is no longer good, so that what is still running on the token ends too.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Why it ended, in a stable word; null while it is good.</summary>
    public string? EndReason { get; private set; }

    /// <summary>True while requests run on it.</summary>
    public bool IsInUse => Volatile.Read(ref inUse) > 0;

    /// <summary>A request begins; false if it was given up for another's room a moment ago: what begins on it now could no longer be found, and ended.</summary>
    public bool Mount() => Interlocked.Increment(ref inUse) > 0;

    /// <summary>Gives it up, unless requests run on it.</summary>
    public bool Retire() => Interlocked.CompareExchange(ref inUse, int.MinValue, 0) == 0;

    /// <summary>A request ends.</summary>
    public void Dismount() => Interlocked.Decrement(ref inUse);

    /// <summary>Ends it and what is running on it.</summary>
    /// <param name="reason">A stable word for the record.</param>
    public void End(string reason)
    {
        EndReason ??= reason;
        ended.Cancel();
    }
}
