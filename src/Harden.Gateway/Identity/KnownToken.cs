namespace Harden.Gateway.Identity;

/// <summary>An access token that was found valid.</summary>
/// <param name="subject">Whose it is.</param>
/// <param name="issued">When it was issued.</param>
/// <param name="expires">When it expires.</param>
internal sealed class KnownToken(Subject subject, DateTimeOffset issued, DateTimeOffset expires)
{
    private readonly CancellationTokenSource ended = new();
    private int inUse;

    /// <summary>Whose it is.</summary>
    public Subject Subject { get; } = subject;

    /// <summary>When it was issued.</summary>
    public DateTimeOffset Issued { get; } = issued;

    /// <summary>When it expires.</summary>
    public DateTimeOffset Expires { get; } = expires;

    /// <summary>Cancelled when the subject is revoked, so that what is still running on the token ends too.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>True while requests run on it.</summary>
    public bool IsInUse => Volatile.Read(ref inUse) > 0;

    /// <summary>A request begins.</summary>
    public void Mount() => Interlocked.Increment(ref inUse);

    /// <summary>A request ends.</summary>
    public void Dismount() => Interlocked.Decrement(ref inUse);

    /// <summary>Ends it and what is running on it.</summary>
    public void End() => ended.Cancel();
}
