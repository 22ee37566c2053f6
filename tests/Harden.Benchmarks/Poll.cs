using System.Runtime.InteropServices;

namespace Harden.Benchmarks;

/// <summary>
/// ppoll(2). The runtime's own asynchronous sockets cost the generator as much CPU per request as the proxy under test, which would
/// then be measured on what is left of two cores; one thread and one system call per batch of answers do not.
/// </summary>
internal static partial class Poll
{
    private const short ReadReady = 1;

    /// <summary>Waits until one of the descriptors can be read.</summary>
    /// <returns>How many can.</returns>
    public static int Wait(Span<Descriptor> descriptors, TimeSpan timeout)
    {
        var limit = new TimeSpec { Seconds = (nint)(timeout.Ticks / TimeSpan.TicksPerSecond), Nanoseconds = (nint)(timeout.Ticks % TimeSpan.TicksPerSecond * 100) };
        return PPoll(descriptors, (nuint)descriptors.Length, in limit, 0);
    }

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int PPoll(Span<Descriptor> descriptors, nuint count, in TimeSpec timeout, nint mask);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Descriptor(int file)
    {
        public int File = file;
        public short Events = ReadReady;
        public short Ready;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
