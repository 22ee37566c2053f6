namespace Harden.Audit;

/// <summary>
/// At most one process writes a log. The lock is the operating system's, on an open file, so that it ends with the process however
/// that ends; a file beside it says which boot holds it.
/// </summary>
internal sealed class WriterLock : IDisposable
{
    private const string Name = "writer.lock";
    private const string Boot = "writer.boot"; // beside it, because a locked file can't be read
    private readonly FileStream file;

    private WriterLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="AuditLogException">Another process holds it.</exception>
    public static WriterLock Take(string directory, string bootId)
    {
        var path = Path.Combine(directory, Name);
        FileStream file;
        try
        {
            file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new AuditLogException($"The audit log in {directory} is being written by another process. Stop that gateway, or give this one a StateDirectory of its own.");
        }
        Tell(directory, bootId);
        return new(file);
    }

    /// <summary>Says which boot holds the lock.</summary>
    public static void Tell(string directory, string bootId) => File.WriteAllText(Path.Combine(directory, Boot), bootId);

    /// <summary>False if somebody deleted or replaced the lock's file.</summary>
    public bool IsInPlace => Disk.IsStillAt(file.SafeFileHandle, file.Name);

    /// <summary>The boot that holds the lock now; null if nobody does.</summary>
    public static string? LiveBoot(string directory)
    {
        var path = Path.Combine(directory, Name);
        try
        {
            // A shared lock is granted only if nobody writes; it is given back at once.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            return ReadBoot(directory);
        }
    }

    /// <summary>The boot that wrote last, whether or not it still does; null if nothing says so.</summary>
    public static string? LastBoot(string directory) => ReadBoot(directory) is { Length: > 0 } boot ? boot : null;

    private static string? ReadBoot(string directory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, Boot));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => file.Dispose();
}

/// <summary>The log can't be opened or written; the message is one sentence for an operator.</summary>
internal sealed class AuditLogException(string message, Exception? inner = null) : Exception(message, inner);
