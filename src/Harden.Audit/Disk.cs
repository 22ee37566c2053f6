using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Harden.Audit;

/// <summary>What the framework leaves out: fdatasync, and fsync of a directory so that a new file's name survives a power cut.</summary>
internal static class Disk
{
    private const int ReadOnlyDirectory = 0x10000; // O_RDONLY | O_DIRECTORY, the same on x64 and (through glibc) arm64

    /// <summary>Makes a file's bytes durable. Throws if the system says they may not be.</summary>
    public static void Sync(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }
        // FlushToDisk is fsync, which also writes times nobody reads, and it swallows some errors.
        if (fdatasync(file) != 0)
            throw new IOException("fdatasync failed: " + new Win32Exception(Marshal.GetLastPInvokeError()).Message);
    }

    /// <summary>Replaces a file so that after a power cut there is the old one or the new one, whole.</summary>
    public static void WriteDurably(string path, string text)
    {
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes the names in a directory durable. Windows does that by itself.</summary>
    public static void SyncDirectory(string directory)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var flags = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : ReadOnlyDirectory;
        var descriptor = open(directory, flags);
        if (descriptor < 0)
            throw new IOException($"{directory} can't be opened: " + new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        try
        {
            if (fsync(descriptor) != 0)
                throw new IOException($"{directory} can't be made durable: " + new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>Sleeps for less than the millisecond that is .NET's shortest. Linux only.</summary>
    public static void Rest(uint microseconds) => _ = usleep(microseconds);

    /// <summary>True if the open file is still what its path names: neither deleted nor replaced nor moved.</summary>
    public static bool IsStillAt(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsLinux() && new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget is { } target)
            return target == path;
        return File.Exists(path) && new FileInfo(path).Length == RandomAccess.GetLength(file);
    }

    /// <summary>True if the error says that there is no space or no quota left.</summary>
    public static bool IsFull(IOException error) =>
        (error.HResult & 0xFFFF) is 28 or 122 or 0x70 or 0x27 // ENOSPC, EDQUOT; ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL
        || error.Message.Contains("No space left", StringComparison.Ordinal) || error.Message.Contains("not enough space", StringComparison.OrdinalIgnoreCase);

    [DllImport("libc", SetLastError = true)]
    private static extern int fdatasync(SafeFileHandle file);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int file);

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc")]
    private static extern int close(int file);

    [DllImport("libc")]
    private static extern int usleep(uint microseconds);
}
