using System.Runtime.InteropServices;

namespace Harden.Cli.Supervise;

/// <summary>What .NET does not offer of Unix.</summary>
internal static partial class Native
{
    public const int Kill = 9, Term = 15;

    private const int SetChildSubreaper = 36, NoHang = 1;

    /// <summary>Makes this process the parent of what loses its own below it. Linux only; false elsewhere.</summary>
    public static bool AdoptOrphans() => OperatingSystem.IsLinux() && prctl(SetChildSubreaper, 1, 0, 0, 0) == 0;

    /// <summary>Makes this process the leader of a group of its own.</summary>
    public static void LeadGroup() => _ = setpgid(0, 0);

    /// <summary>Sends a signal to a process, or to all of a group if it is negative, or of the own one if it is 0; false if there is none.</summary>
    public static bool Signal(int pid, int signal) => kill(pid, signal) == 0;

    /// <summary>Takes a child that has ended out of the process table.</summary>
    public static void Reap(int pid) => _ = waitpid(pid, out _, NoHang);

    [LibraryImport("libc")]
    private static partial int setpgid(int pid, int group);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial int waitpid(int pid, out int status, int options);
}
