namespace Harden.Audit.Tests.Infrastructure;

/// <summary>A clock on the wall that can be set; the one that only counts goes on as ever, as the operating system's does.</summary>
internal sealed class SettableClock : TimeProvider
{
    private long offset;

    /// <summary>How far it is set from the real one.</summary>
    public TimeSpan Offset
    {
        get => new(Volatile.Read(ref offset));
        set => Volatile.Write(ref offset, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
