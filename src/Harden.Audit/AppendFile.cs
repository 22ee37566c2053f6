using Microsoft.Win32.SafeHandles;

namespace Harden.Audit;

/// <summary>An open file that only grows: a segment's lines or its bodies. Only the writer's thread uses it.</summary>
internal sealed class AppendFile : IDisposable
{
    private SafeFileHandle handle;

    private AppendFile(string path, SafeFileHandle handle)
    {
        Path = path;
        this.handle = handle;
    }

    public string Path { get; }

    /// <summary>The file's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Bytes that are written whole; what a failed write left behind them is cut off.</summary>
    public long Length { get; private set; }

    /// <summary>
    /// The descriptor can't be trusted any more. After a failed fsync the kernel has dropped the dirty pages and reports success to
    /// whoever asks again, so the only way on is a new file.
    /// </summary>
    public bool Poisoned { get; private set; }

    /// <summary>Creates the file, readable by its owner only. Throws if it exists: nothing is ever overwritten.</summary>
    public static AppendFile Create(string path) => new(path, CreateFile(path));

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
            Cut(Length);
            throw;
        }
    }

    /// <summary>Writes several pieces at the end, or leaves the file as it was.</summary>
    public void Write(List<ReadOnlyMemory<byte>> pieces, int length)
    {
        try
        {
            RandomAccess.Write(handle, pieces, Length);
            Length += length;
        }
        catch (IOException)
        {
            Cut(Length);
            throw;
        }
    }

    /// <summary>Takes back what was written since the file had this length.</summary>
    public void Cut(long length)
    {
        try
        {
            RandomAccess.SetLength(handle, length);
            Length = length;
        }
        catch (IOException)
        {
            Poisoned = true;
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

    /// <summary>Somebody cut bytes off its end, where it lies. The next write would leave a hole, and its length would tell nothing any more.</summary>
    public bool IsCut => RandomAccess.GetLength(handle) < Length && Disk.IsStillAt(handle, Path);

    /// <summary>What has become of the file behind our back.</summary>
    public FileFate Fate() =>
        RandomAccess.GetLength(handle) < Length ? FileFate.Cut
        : Disk.IsStillAt(handle, Path) ? FileFate.InPlace
        : FileFate.Gone;

    /// <summary>Puts the file back from the descriptor, which still reads what was deleted. What stands in its place is kept aside.</summary>
    public void Restore(DateTimeOffset now)
    {
        var directory = System.IO.Path.GetDirectoryName(Path)!;
        Directory.CreateDirectory(directory);
        if (File.Exists(Path))
            File.Move(Path, $"{Path}.replaced-{now:yyyyMMdd'T'HHmmssfff}");
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
        try
        {
            return new FileStream(path, options).SafeFileHandle;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e); // one kind of failure for who writes
        }
    }
}

/// <summary>What can happen to an open file.</summary>
internal enum FileFate
{
    /// <summary>Nothing.</summary>
    InPlace,

    /// <summary>Deleted, moved, or replaced by another file. Its bytes are still there.</summary>
    Gone,

    /// <summary>Somebody cut bytes off its end.</summary>
    Cut,
}
