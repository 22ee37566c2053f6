namespace Harden.Audit;

/// <summary>
/// When many wait for durability, a batch that gathers for a moment costs each of them less than one of its own would: writing to the disk, waking the writer and
/// waking who waits are paid once a batch. While few wait, nobody is held up. Only the writer's thread uses it.
/// </summary>
/// <param name="time">Has to be the real one: what is weighed here is how many come while a disk writes.</param>
internal sealed class GroupCommit(TimeProvider time)
{
    private const double Many = 4, Few = 3; // that begin to wait, a millisecond

    private readonly long gather = time.TimestampFrequency / 1000;
    private readonly long rest = time.TimestampFrequency / 5;
    private double rate;
    private long last;
    private long restUntil;
    private bool gathering;

    /// <summary>Waits until the next batch may be written.</summary>
    /// <returns>False if it may be at once.</returns>
    public bool Gather()
    {
        var wait = gathering ? last + gather - time.GetTimestamp() : 0;
        if (wait <= 0)
            return false;
        Disk.Rest((uint)(wait * 1_000_000 / time.TimestampFrequency));
        return true;
    }

    /// <summary>A batch begins to be written.</summary>
    /// <param name="waiting">How many wait for it.</param>
    public void Begin(int waiting)
    {
        var now = time.GetTimestamp();
        var since = (now - last) * 1000.0 / time.TimestampFrequency;
        last = now;
        rate = since > 20 ? 0 : (0.9 * rate) + (0.1 * waiting / Math.Max(since, 0.01));
        if (!gathering && rate > Many && now > restUntil)
            gathering = OperatingSystem.IsLinux(); // elsewhere threads sleep for no less than milliseconds
        if (gathering && rate < Few)
        {
            // They are few who ask again as soon as they have their answer, and gathering has slowed them down.
            gathering = false;
            restUntil = now + rest;
        }
    }
}
