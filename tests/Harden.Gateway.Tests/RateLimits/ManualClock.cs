namespace Harden.Gateway.Tests.RateLimits;

/// <summary>A clock, monotonic and of the wall, that goes when the test says so.</summary>
internal sealed class ManualClock : TimeProvider
{
    private DateTimeOffset now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private long ticks = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => ticks;

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan by)
    {
        ticks += by.Ticks;
        now += by;
    }

    /// <summary>Sets the wall clock, as an administrator would.</summary>
    public void Set(DateTimeOffset at) => now = at;
}
