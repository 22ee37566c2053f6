namespace Harden.Cli.Children;

/// <summary>How long to wait before something that crashed is started again: twice as long each time, from the start after a steady run.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500), Longest = TimeSpan.FromSeconds(30), Steady = TimeSpan.FromMinutes(1);

    private TimeSpan next = First;

    /// <summary>The wait after a run of the given length.</summary>
    public TimeSpan After(TimeSpan run)
    {
        if (run >= Steady)
            next = First;
        var wait = next;
        next = TimeSpan.FromTicks(Math.Min(next.Ticks * 2, Longest.Ticks));
        return wait;
    }
}
