namespace Harden.Audit;

/// <summary>
/// Wakes the writer only when that helps: producers pay one fence and one read while it is awake, and entries nobody waits for
/// don't wake it while it lingers for more.
/// </summary>
internal sealed class WakeSignal
{
    private const int Awake = 0, Lingering = 1, Asleep = 2;

    private readonly ManualResetEventSlim raised = new(initialState: false, spinCount: 1);
    private int sleep;

    /// <summary>Called after something was queued.</summary>
    public void Signal(bool urgent)
    {
        Interlocked.MemoryBarrier(); // what was queued must be visible before the state is read, or both sides could miss each other
        var seen = Volatile.Read(ref sleep);
        if ((seen == Asleep || (seen == Lingering && urgent)) && Interlocked.CompareExchange(ref sleep, Awake, seen) == seen)
            raised.Set();
    }

    /// <summary>Waits for a signal, or for as long as said.</summary>
    /// <param name="limit">At most this long.</param>
    /// <param name="onlyUrgent">Something is in hand already; only urgent signals end the wait.</param>
    /// <param name="more">True if something is queued: checked once more before sleeping.</param>
    public void Wait(TimeSpan limit, bool onlyUrgent, Func<bool> more)
    {
        raised.Reset();
        Interlocked.Exchange(ref sleep, onlyUrgent ? Lingering : Asleep);
        if (!more())
            raised.Wait(limit);
        Interlocked.Exchange(ref sleep, Awake);
    }
}
