namespace Harden.Gateway.Tests.Identity;

/// <summary>Time that passes when the test says so, beside the real one.</summary>
/// <param name="stands">It passes only when the test says so: for what holds for seconds, which a busy machine takes for anything.</param>
internal sealed class ManualTime(bool stands = false) : TimeProvider
{
    private readonly DateTimeOffset start = System.GetUtcNow();
    private readonly System.Collections.Concurrent.ConcurrentBag<Action> minutely = [];
    private long offset;

    /// <summary>Lets time pass, and what is done every minute be done once.</summary>
    public void Advance(TimeSpan by)
    {
        Interlocked.Add(ref offset, by.Ticks);
        foreach (var work in minutely)
            work();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period == TimeSpan.FromMinutes(1))
            minutely.Add(() => callback(state));
        return base.CreateTimer(callback, state, dueTime, period);
    }

    public override DateTimeOffset GetUtcNow() => (stands ? start : base.GetUtcNow()).AddTicks(Volatile.Read(ref offset));
}
