namespace Harden.Audit;

/// <summary>A file that holds space back. When the disk is full it is deleted, so that what was forwarded can still be recorded to its end.</summary>
internal sealed class Reserve(string directory, long bytes)
{
    private readonly string path = Path.Combine(directory, "reserve");

    /// <summary>The disk has room for the reserve and something to write besides; without that, recovery would end with the next batch.</summary>
    public bool HasRoom => new DriveInfo(directory).AvailableFreeSpace > bytes + Math.Min(bytes, 1024 * 1024);

    /// <summary>Takes the space, if it is there.</summary>
    public bool TryTake()
    {
        if (bytes == 0)
            return true;
        try
        {
            if (File.Exists(path) && new FileInfo(path).Length == bytes)
                return true;
            File.Delete(path);
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = bytes, BufferSize = 0 });
            file.SetLength(bytes);
            return true;
        }
        catch (IOException)
        {
            Release();
            return false;
        }
    }

    /// <summary>Gives it back. False if there was none.</summary>
    public bool Release()
    {
        try
        {
            if (!File.Exists(path))
                return false;
            File.Delete(path);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
