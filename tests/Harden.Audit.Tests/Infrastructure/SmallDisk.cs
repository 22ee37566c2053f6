using System.ComponentModel;
using System.Diagnostics;

namespace Harden.Audit.Tests.Infrastructure;

/// <summary>A tmpfs of a few hundred KiB. Needs root, as containers of continuous integration have.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo mount = Directory.CreateTempSubdirectory("harden-disk-");

    public SmallDisk(string size)
    {
        try
        {
            Mount("-t", "tmpfs", "-o", $"size={size}", "tmpfs", mount.FullName);
        }
        catch
        {
            mount.Delete();
            throw;
        }
    }

    public string Path => mount.FullName;

    public static void Mount(params string[] arguments)
    {
        try
        {
            Run("mount", arguments);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            throw new InvalidOperationException("This test mounts a small or read-only file system and needs root on Linux: run it as root, such as `sudo dotnet test`, or in a privileged container.", e);
        }
    }

    public static void Unmount(string path) => Run("umount", "-l", path);

    /// <summary>Fills what is left, to the last byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(System.IO.Path.Combine(Path, "filler"), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in (int[])[4096, 1])
        {
            try
            {
                var block = new byte[size];
                while (true)
                    file.Write(block);
            }
            catch (IOException)
            {
                // Full, as wanted.
            }
        }
    }

    public void Free() => File.Delete(System.IO.Path.Combine(Path, "filler"));

    public void Dispose()
    {
        Unmount(Path);
        mount.Delete();
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)}: {error.Trim()}");
    }
}
