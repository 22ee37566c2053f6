using System.Globalization;

namespace Harden.Audit.Index;

/// <summary>
/// How long the index leaves the processor to others. Thread priorities mean nothing on Linux, and each request costs the index about as much as it costs the
/// gateway: so it steps back while anybody waits for a processor and catches up when nobody does. For one thread.
/// </summary>
internal sealed class Manners(TimeProvider time)
{
    private const string OfThisThread = "/proc/thread-self/schedstat";
    private const double Contended = 0.1; // of the time it ran, it waited for a processor
    private const double Busy = 0.25; // of all processors, by everything else in this process: where the system tells nothing of waiting
    private const int Back = 49; // a fiftieth of one core is enough for 300 requests a second without end

    private long since = time.GetTimestamp();
    private TimeSpan all = Environment.CpuUsage.TotalTime;
    private (TimeSpan Ran, TimeSpan Waited)? own;

    /// <summary>How long to pause after what was done since the last time.</summary>
    public TimeSpan Pause()
    {
        var (now, used, mine) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime, Own());
        var took = time.GetElapsedTime(since, now);
        var ran = took;
        bool busy;
        if (mine is { } present)
        {
            var before = own ?? present;
            ran = present.Ran - before.Ran;
            busy = present.Waited - before.Waited > ran * Contended;
        }
        else
        {
            busy = used - all > took * (1 + Environment.ProcessorCount * Busy);
        }
        (since, all, own) = (now, used, mine);
        return busy ? ran * Back : ran;
    }

    /// <summary>What was left to others ends here: it is not part of what is judged next.</summary>
    public void Resume() => (since, all) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);

    // What this thread ran and how long it waited to run, which .NET doesn't tell; null where the system doesn't either.
    private static (TimeSpan Ran, TimeSpan Waited)? Own()
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText(OfThisThread).Split(' ') is [var ran, var waited, ..]
                ? (Nanoseconds(ran), Nanoseconds(waited))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }

        static TimeSpan Nanoseconds(string text) => TimeSpan.FromTicks(long.Parse(text, CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick);
    }
}
