namespace Harden.Audit.Index;

/// <summary>
/// How long the index leaves the processor to others between two batches. Thread priorities mean nothing on Linux, and each entry costs the index about as much as
/// its request costs the gateway: so it steps back while requests come thick and catches up when they don't.
/// </summary>
internal sealed class Manners
{
    private const double Busy = 0.25; // of one core, by everything else in this process

    private readonly TimeProvider time;
    private long began;
    private TimeSpan used;

    public Manners(TimeProvider time)
    {
        this.time = time;
        Begin();
    }

    /// <summary>A batch begins.</summary>
    public void Begin()
    {
        began = time.GetTimestamp();
        used = Environment.CpuUsage.TotalTime;
    }

    /// <summary>A batch has ended: how long to pause.</summary>
    public TimeSpan Pause()
    {
        var took = time.GetElapsedTime(began);
        var others = Environment.CpuUsage.TotalTime - used - took; // the batch itself keeps one core busy
        return others > took * Busy ? took * 9 : took;
    }
}
