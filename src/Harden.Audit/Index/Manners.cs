using System.Globalization;

namespace Harden.Audit.Index;

/// <summary>
/// How long the index leaves the processor to others between two batches. Thread priorities mean nothing on Linux, and each entry costs the index about as much as
/// its request costs the gateway: so it steps back while requests come thick and catches up when they don't.
/// </summary>
internal sealed class Manners
{
    private const string OwnTime = "/proc/thread-self/schedstat";
    private const double Busy = 0.25; // of one core, by everything else in this process
    private const int Back = 19; // a twentieth of one core is enough for 1,500 requests a second

    private readonly TimeProvider time;
    private long began;
    private TimeSpan all;
    private TimeSpan own;

    public Manners(TimeProvider time)
    {
        this.time = time;
        Begin();
    }

    /// <summary>A batch begins, on the thread that does it.</summary>
    public void Begin()
    {
        began = time.GetTimestamp();
        all = Environment.CpuUsage.TotalTime;
        own = Own();
    }

    /// <summary>A batch has ended: how long to pause.</summary>
    public TimeSpan Pause()
    {
        var took = time.GetElapsedTime(began);
        var used = own < TimeSpan.Zero ? took : Own() - own;
        return Environment.CpuUsage.TotalTime - all - used > took * Busy ? used * Back : used;
    }

    // What this thread has used, which .NET doesn't tell; negative where the system doesn't either.
    private static TimeSpan Own()
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText(OwnTime).Split(' ') is [var nanoseconds, ..]
                ? TimeSpan.FromTicks(long.Parse(nanoseconds, CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick)
                : TimeSpan.MinValue;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return TimeSpan.MinValue;
        }
    }
}
