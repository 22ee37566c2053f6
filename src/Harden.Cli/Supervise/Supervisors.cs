using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Harden.Cli.Supervise;

/// <summary>
/// The supervisors of a host, and what one of them leaves behind that is killed and can't end its program any more: that would hold its port and
/// its files, and the program started in its place would find them taken. On Linux the host becomes the parent of what a supervisor leaves
/// (<c>PR_SET_CHILD_SUBREAPER</c>); on other Unixes what stayed in the supervisor's process group is found; on Windows nothing is.
/// </summary>
internal sealed class Supervisors : IDisposable
{
    // Inherited by all that a supervisor starts, by which it is told from other children that this process has or was given.
    private const string Mark = "HARDEN_SUPERVISED";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(8), Patience = TimeSpan.FromSeconds(5), Pause = TimeSpan.FromMilliseconds(20);

    private readonly Lock gate = new();
    private readonly Dictionary<int, string> marks = [];
    private readonly PosixSignalRegistration? reaping; // if orphans come to this process

    public Supervisors()
    {
        if (OperatingSystem.IsLinux() && Native.AdoptOrphans())
            reaping = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Reap());
    }

    /// <summary>Starts one.</summary>
    public Process Start(ProcessStartInfo start)
    {
        var mark = Guid.NewGuid().ToString("N");
        start.Environment[Mark] = mark;
        lock (gate) // none is taken for an orphan before it is known
        {
            var process = Process.Start(start)!;
            marks[process.Id] = $"{Mark}={mark}";
            return process;
        }
    }

    /// <summary>Ends what a supervisor that has ended left behind: asks first, and waits; returns when nothing is left.</summary>
    /// <param name="supervisor">The supervisor.</param>
    /// <param name="kill">Asks no more.</param>
    public async Task ClearAsync(Process supervisor, CancellationToken kill)
    {
        string? mark;
        lock (gate)
            _ = marks.Remove(supervisor.Id, out mark);
        if (OperatingSystem.IsWindows() || mark is null)
            return;
        var started = Stopwatch.GetTimestamp();
        for (var asked = Signal(supervisor.Id, mark, Native.Term); asked > 0 && !kill.IsCancellationRequested && Stopwatch.GetElapsedTime(started) < Grace; asked = Signal(supervisor.Id, mark, 0))
            await Task.Delay(Pause, CancellationToken.None);
        // One that forks while it is being found is found the next time: until there are none.
        started = Stopwatch.GetTimestamp();
        while (Signal(supervisor.Id, mark, Native.Kill) > 0 && Stopwatch.GetElapsedTime(started) < Patience)
            await Task.Delay(Pause, CancellationToken.None);
    }

    public void Dispose() => reaping?.Dispose();

    // How many there were. The signal 0 only counts.
    private int Signal(int supervisor, string mark, int signal)
    {
        if (reaping is null)
            return Native.Signal(-supervisor, signal) ? 1 : 0;
        var all = ProcessTable.Read();
        var roots = all.FindAll(p => p.Parent == Environment.ProcessId && !p.Zombie && (p.Group == supervisor || IsMarked(p.Pid, mark)));
        return roots.Concat(ProcessTable.Below(roots.Select(static p => p.Pid), all)).Count(p => !p.Zombie && Native.Signal(p.Pid, signal));
    }

    private static bool IsMarked(int pid, string mark)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/environ").Split('\0').Contains(mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or another user's
        }
    }

    // .NET waits for the processes it started, which are supervisors, or in this process's own group.
    private void Reap()
    {
        lock (gate)
        {
            var all = ProcessTable.Read();
            var group = all.Find(static p => p.Pid == Environment.ProcessId).Group;
            foreach (var process in all.Where(p => p.Zombie && p.Parent == Environment.ProcessId && p.Group != group && !marks.ContainsKey(p.Pid)))
                Native.Reap(process.Pid);
        }
    }
}
