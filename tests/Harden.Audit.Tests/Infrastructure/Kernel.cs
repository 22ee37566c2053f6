using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Harden.Audit.Tests.Infrastructure;

/// <summary>Makes the kernel itself fail or hang, for one file of this process. Linux only.</summary>
internal static class Kernel
{
    private const int WriteOnly = 1, SetLease = 1024, SetSignal = 10, WriteLease = 1, Unlease = 2, Urgent = 23;

    /// <summary>
    /// From now on the file, as far as this process has it open, takes every write and fails every sync: its descriptor is pointed at a device of
    /// that kind.
    /// </summary>
    public static void LetSyncFail(string path)
    {
        var descriptor = Directory.GetFiles("/proc/self/fd").Single(fd => new FileInfo(fd).LinkTarget == path);
        var device = Check(open("/dev/null", WriteOnly));
        Check(dup2(device, int.Parse(Path.GetFileName(descriptor))));
        Check(close(device));
    }

    /// <summary>Makes whoever opens the file wait in the kernel, by a lease on it, until disposed. Returns when <paramref name="hangs"/>.</summary>
    public static IDisposable HangOpening(string path, Func<bool> hangs)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(2);)
        {
            // The file is created and moved away all the time: the lease has to come between.
            File.WriteAllText(path, "");
            var descriptor = open(path, WriteOnly);
            if (descriptor < 0)
                continue;
            if (fcntl(descriptor, SetSignal, Urgent) == 0 && fcntl(descriptor, SetLease, WriteLease) == 0 && File.Exists(path) && SpinWait.SpinUntil(hangs, TimeSpan.FromSeconds(10)))
                return new Lease(descriptor);
            _ = close(descriptor);
        }
        throw new TimeoutException($"Nobody waits for {path}.");
    }

    private static int Check(int result) => result < 0 ? throw new Win32Exception(Marshal.GetLastPInvokeError()) : result;

    private sealed class Lease(int descriptor) : IDisposable
    {
        public void Dispose()
        {
            Check(fcntl(descriptor, SetLease, Unlease));
            Check(close(descriptor));
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int file);

    [DllImport("libc", SetLastError = true)]
    private static extern int dup2(int from, int to);

    [DllImport("libc", SetLastError = true)]
    private static extern int fcntl(int file, int command, int argument);
}
