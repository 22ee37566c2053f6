using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Harden.Cli.Supervise;

/// <summary>
/// Everything below this process. On Linux also what has left its parent or started a session of its own, because this process becomes
/// the parent of orphans (<c>PR_SET_CHILD_SUBREAPER</c>); on other Unixes its process group; on Windows what <see cref="Process.Kill(bool)"/> finds.
/// </summary>
internal sealed partial class ProcessTree : IDisposable
{
    private const int SetChildSubreaper = 36, Kill = 9, Term = 15;
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
        _ = setpgid(0, 0);
        if (OperatingSystem.IsLinux() && prctl(SetChildSubreaper, 1, 0, 0, 0) == 0)
            tree.orphans = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => tree.Reap());
        return tree;
    }

    /// <summary>Asks all of them to end, as Ctrl+C in a terminal would ask all of them; returns when they have, or the time is over.</summary>
    public async Task TerminateAsync(TimeSpan grace)
    {
        if (OperatingSystem.IsLinux())
            _ = Signal(Term);
        else if (!OperatingSystem.IsWindows()) // where a console program can't be asked
            _ = kill(0, Term);
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
                _ = kill(0, Kill); // the group, this process included: nothing is left to do
            return;
        }
        // One that forks while it is being found is found the next time: until there are none.
        var started = Stopwatch.GetTimestamp();
        while (Signal(Kill) > 0 && Stopwatch.GetElapsedTime(started) < Patience)
            await Task.Delay(Pause);
    }

    public void Dispose() => orphans?.Dispose();

    private static int Signal(int signal)
    {
        var count = 0;
        foreach (var (pid, _, zombie) in Descendants())
        {
            if (!zombie && kill(pid, signal) == 0)
                count++;
        }
        return count;
    }

    // .NET waits for the processes it started; orphans that came to us and died would stay in the process table.
    private void Reap()
    {
        foreach (var (pid, parent, zombie) in Descendants())
        {
            if (zombie && parent == Environment.ProcessId && Root is { } root && root.Id != pid)
                _ = waitpid(pid, out _, 1);
        }
    }

    private static List<(int Pid, int Parent, bool Zombie)> Descendants()
    {
        var all = new List<(int Pid, int Parent, bool Zombie)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid) && Stat(directory) is { } stat)
                all.Add((pid, stat.Parent, stat.State is 'Z' or 'X'));
        }
        var ours = new HashSet<int> { Environment.ProcessId };
        var found = new List<(int Pid, int Parent, bool Zombie)>();
        // Process ids wrap around, so a child's may be smaller than its parent's: until a round finds nothing new.
        for (var before = -1; before != found.Count;)
        {
            before = found.Count;
            found.AddRange(all.Where(p => ours.Contains(p.Parent) && ours.Add(p.Pid)));
        }
        return found;
    }

    // "pid (name) state parent …", where the name may hold spaces and parentheses.
    private static (char State, int Parent)? Stat(string directory)
    {
        try
        {
            var line = File.ReadAllText(Path.Combine(directory, "stat"));
            var rest = line[(line.LastIndexOf(')') + 2)..].Split(' ', 3);
            return (rest[0][0], int.Parse(rest[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // gone meanwhile
        }
    }

    [LibraryImport("libc")]
    private static partial int setpgid(int pid, int group);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial int waitpid(int pid, out int status, int options);
}
