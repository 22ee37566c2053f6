namespace Harden.Gateway.Identity.Sessions;

/// <summary>A session in use at this replica: what it knows, when that was last confirmed, and what runs on it.</summary>
internal sealed class Session(SessionKey key, SessionState state, DateTimeOffset used, DateTimeOffset confirmed)
{
    private readonly CancellationTokenSource ended = new();
    private SessionState state = state;
    private long lastUsed = used.UtcTicks;
    private long notedUse = used.UtcTicks;
    private long confirmedAt = confirmed.UtcTicks;
    private int riders;
    private int busy;
    private Action? use;

    /// <summary>What its handle opens.</summary>
    public SessionKey Key { get; } = key;

    /// <summary>What it knows.</summary>
    public SessionState State
    {
        get => Volatile.Read(ref state);
        set => Volatile.Write(ref state, value);
    }

    /// <summary>Who.</summary>
    public Subject Subject => State.Subject;

    /// <summary>When it was last used, to within a second or so.</summary>
    public DateTimeOffset LastUsed => new(Volatile.Read(ref lastUsed), TimeSpan.Zero);

    /// <summary>The last use that the store knows of.</summary>
    public DateTimeOffset NotedUse
    {
        get => new(Volatile.Read(ref notedUse), TimeSpan.Zero);
        set => Volatile.Write(ref notedUse, value.UtcTicks);
    }

    /// <summary>When the store last said that it is good.</summary>
    public DateTimeOffset ConfirmedAt
    {
        get => new(Volatile.Read(ref confirmedAt), TimeSpan.Zero);
        set => Volatile.Write(ref confirmedAt, value.UtcTicks);
    }

    /// <summary>Something runs on it.</summary>
    public bool IsRidden => Volatile.Read(ref riders) > 0;

    /// <summary>Cancelled when the session ends, so that what is still running on it ends too.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Why it ended, in a stable word; null while it is good.</summary>
    public string? EndReason { get; private set; }

    /// <summary>Notes a use. Writes rarely: a hot session is read by every core.</summary>
    public void Touch(DateTimeOffset now)
    {
        if (now.UtcTicks - Volatile.Read(ref lastUsed) > TimeSpan.TicksPerSecond)
            Volatile.Write(ref lastUsed, now.UtcTicks);
    }

    /// <summary>What notes a use, for whoever notices one later than at the start of a request.</summary>
    public Action Use(TimeProvider time) => use ??= () => Touch(time.GetUtcNow());

    /// <summary>When Entra may be asked again after it did not answer.</summary>
    public DateTimeOffset RenewalRetry { get; set; }

    /// <summary>A request begins that the end of the session is to end.</summary>
    public void Mount() => Interlocked.Increment(ref riders);

    /// <summary>It is over.</summary>
    public void Dismount() => Interlocked.Decrement(ref riders);

    /// <summary>Claims the one place for work in the background.</summary>
    public bool TryBeginWork() => Interlocked.Exchange(ref busy, 1) == 0;

    /// <summary>Gives it back.</summary>
    public void EndWork() => Volatile.Write(ref busy, 0);

    /// <summary>Ends it and what is running on it.</summary>
    /// <param name="reason">A stable word for the record.</param>
    /// <param name="grace">How long what is running may still take; default none.</param>
    public void End(string reason, TimeSpan grace = default)
    {
        EndReason ??= reason;
        if (grace > TimeSpan.Zero)
            ended.CancelAfter(grace);
        else
            ended.Cancel();
    }
}
