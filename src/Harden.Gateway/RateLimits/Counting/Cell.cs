namespace Harden.Gateway.RateLimits.Counting;

/// <summary>One counter of a policy.</summary>
internal abstract class Cell
{
    private long accepted;
    private long denied;

    /// <summary>Requests let through since the counter is there.</summary>
    public long Accepted => Volatile.Read(ref accepted);

    /// <summary>Requests refused since.</summary>
    public long Denied => Volatile.Read(ref denied);

    /// <summary>Notes what became of a request.</summary>
    public void Note(bool let) => Interlocked.Increment(ref let ? ref accepted : ref denied);

    /// <summary>Ends the counter if it holds nothing that a new one wouldn't. Whoever still has it in hand finds it ended and looks again.</summary>
    public abstract bool TryRetire(long now);
}
