using Microsoft.Win32.SafeHandles;

namespace Harden.Audit;

/// <summary>The open file that the log ends in. Only the writer's thread uses it.</summary>
internal sealed class Segment : IDisposable
{
    private SafeFileHandle handle;

    private Segment(SegmentFile file, string path, SafeFileHandle handle)
    {
        File = file;
        Path = path;
        this.handle = handle;
    }

    public SegmentFile File { get; }

    public string Path { get; }

    /// <summary>Bytes that are written whole; what a failed write left behind them is cut off.</summary>
    public long Length { get; private set; }

    /// <summary>
    /// The descriptor can't be trusted any more. After a failed fsync the kernel has dropped the dirty pages and reports success to
    /// whoever asks again, so the only way on is a new file.
    /// </summary>
    public bool Poisoned { get; private set; }

    /// <summary>Creates the file, readable by its owner only. Throws if it exists: nothing is ever overwritten.</summary>
    public static Segment Create(string directory, SegmentFile file)
    {
        var path = System.IO.Path.Combine(directory, file.Name);
        return new(file, path, CreateFile(path));
    }

    /// <summary>Writes at the end, or leaves the file as it was.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(handle, bytes, Length);
            Length += bytes.Length;
        }
        catch (IOException)
        {
            Poisoned = !TryCut();
            throw;
        }
    }

    /// <summary>Makes what was written durable. One failure is final.</summary>
    public void Sync()
    {
        try
        {
            Disk.Sync(handle);
        }
        catch (IOException)
        {
            Poisoned = true;
            throw;
        }
    }

    /// <summary>What has become of the file behind our back.</summary>
    public SegmentFate Fate() =>
        RandomAccess.GetLength(handle) < Length ? SegmentFate.Cut
        : Disk.IsStillAt(handle, Path) ? SegmentFate.InPlace
        : SegmentFate.Gone;

    /// <summary>Puts the file back from the descriptor, which still reads what was deleted. What stands in its place is kept aside.</summary>
    public void Restore(DateTimeOffset now)
    {
        var directory = System.IO.Path.GetDirectoryName(Path)!;
        Directory.CreateDirectory(directory);
        if (System.IO.File.Exists(Path))
            System.IO.File.Move(Path, $"{Path}.replaced-{now:yyyyMMdd'T'HHmmssfff}");
        var copy = CreateFile(Path);
        try
        {
            var chunk = new byte[256 * 1024];
            for (long at = 0; at < Length;)
            {
                var read = RandomAccess.Read(handle, chunk.AsSpan(0, (int)Math.Min(chunk.Length, Length - at)), at);
                if (read == 0)
                    throw new EndOfStreamException($"{Path} became shorter while it was restored.");
                RandomAccess.Write(copy, chunk.AsSpan(0, read), at);
                at += read;
            }
            Disk.Sync(copy);
            Disk.SyncDirectory(directory);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
        handle.Dispose();
        handle = copy;
    }

    public void Dispose() => handle.Dispose();

    private bool TryCut()
    {
        try
        {
            RandomAccess.SetLength(handle, Length);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static SafeFileHandle CreateFile(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // The stream is not disposed: it would close the handle, which outlives it.
        return new FileStream(path, options).SafeFileHandle;
    }
}

/// <summary>What can happen to an open segment.</summary>
internal enum SegmentFate
{
    /// <summary>Nothing.</summary>
    InPlace,

    /// <summary>Deleted, moved, or replaced by another file. Its bytes are still there.</summary>
    Gone,

    /// <summary>Somebody cut bytes off its end.</summary>
    Cut,
}
