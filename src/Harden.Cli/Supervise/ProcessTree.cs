using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Harden.Cli.Supervise;

/// <summary>
/// Everything below this process. On Linux also what has left its parent or started a session of its own, because this process becomes
/// the parent of orphans (<c>PR_SET_CHILD_SUBREAPER</c>); on other Unixes its process group; on Windows what <see cref="Process.Kill(bool)"/> finds.
/// </summary>
internal sealed class ProcessTree : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), Pause = TimeSpan.FromMilliseconds(20);

    private PosixSignalRegistration? orphans;

    /// <summary>The program at the top.</summary>
    public Process? Root { get; set; }

    /// <summary>Makes this process the leader of a group of its own, which a terminal's Ctrl+C does not reach, and the parent of orphans.</summary>
    public static ProcessTree Lead()
    {
        var tree = new ProcessTree();
        if (OperatingSystem.IsWindows())
            return tree;
        Native.LeadGroup();
        if (Native.AdoptOrphans())
            tree.orphans = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => tree.Reap());
        return tree;
    }

    /// <summary>Asks all of them to end, as Ctrl+C in a terminal would ask all of them; returns when they have, or the time is over.</summary>
    public async Task TerminateAsync(TimeSpan grace)
    {
        if (OperatingSystem.IsLinux())
            _ = Signal(Native.Term);
        else if (!OperatingSystem.IsWindows()) // where a console program can't be asked
            _ = Native.Signal(0, Native.Term);
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < grace && !OperatingSystem.IsWindows() && !IsEmpty)
            await Task.Delay(Pause);
    }

    private bool IsEmpty => OperatingSystem.IsLinux() ? Descendants().TrueForAll(static p => p.Zombie) : Root is { HasExited: true };

    /// <summary>Ends all of them; returns when none is left.</summary>
    public async Task KillAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            if (Root is { HasExited: false })
                Root.Kill(entireProcessTree: true);
            if (!OperatingSystem.IsWindows())
                _ = Native.Signal(0, Native.Kill); // the group, this process included: nothing is left to do
            return;
        }
        // One that forks while it is being found is found the next time: until there are none.
        var started = Stopwatch.GetTimestamp();
        while (Signal(Native.Kill) > 0 && Stopwatch.GetElapsedTime(started) < Patience)
            await Task.Delay(Pause);
    }

    public void Dispose() => orphans?.Dispose();

    private static int Signal(int signal) => Descendants().Count(p => !p.Zombie && Native.Signal(p.Pid, signal));

    // .NET waits for the processes it started; orphans that came to us and died would stay in the process table.
    private void Reap()
    {
        foreach (var process in Descendants())
        {
            if (process.Zombie && process.Parent == Environment.ProcessId && Root is { } root && root.Id != process.Pid)
                Native.Reap(process.Pid);
        }
    }

    private static List<ProcessEntry> Descendants() => ProcessTable.Below([Environment.ProcessId], ProcessTable.Read());
}
