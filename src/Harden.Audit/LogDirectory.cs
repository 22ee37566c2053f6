using System.Text;
using Harden.Audit.Bodies;

namespace Harden.Audit;

/// <summary>The directory of a log, locked for one writer.</summary>
internal sealed class LogDirectory : IDisposable
{
    private const string IdName = "log-id";
    private WriterLock held;

    private LogDirectory(string path, string logId, WriterLock held, int lastBoot, (long Bytes, string File)? torn)
    {
        Path = path;
        LogId = logId;
        this.held = held;
        LastBoot = lastBoot;
        Torn = torn;
    }

    public string Path { get; }

    /// <summary>Id of the log, made once and kept in the file <c>log-id</c>.</summary>
    public string LogId { get; }

    /// <summary>Ordinal of the newest boot; 0 if there is none.</summary>
    public int LastBoot { get; private set; }

    /// <summary>What was cut off the last segment and its bodies; null if it was whole.</summary>
    public (long Bytes, string File)? Torn { get; }

    /// <summary>Creates the directory if need be, locks it and repairs the last segment.</summary>
    /// <exception cref="AuditLogException">It can't be used, and why.</exception>
    public static LogDirectory Open(string directory)
    {
        directory = System.IO.Path.GetFullPath(directory);
        try
        {
            Directory.CreateDirectory(directory);
            var held = WriterLock.Take(directory, "");
            try
            {
                var segments = SegmentFile.In(directory);
                var torn = segments.Count == 0 ? null : Both(TailRepair.Run(directory, segments[^1]), BodyTail.Run(directory, segments[^1]));
                return new(directory, IdOf(directory), held, Math.Max(segments.Count > 0 ? segments[^1].Boot : 0, Tombstone.In(directory).Select(static t => t.Boot).DefaultIfEmpty(0).Max()), torn);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditLogException($"The audit log in {directory} can't be opened: {e.Message} Make the directory writable for this user, or set StateDirectory.", e);
        }
    }

    /// <summary>Creates the first segment of the next boot.</summary>
    public Segment BeginBoot(string bootId)
    {
        // Somebody may have put files there meanwhile; counting on from what is there overwrites nothing.
        var next = Math.Max(LastBoot, SegmentFile.In(Path) is [.., var last] ? last.Boot : 0) + 1;
        var segment = Segment.Create(Path, new(next, 1));
        LastBoot = next;
        WriterLock.Tell(Path, bootId);
        return segment;
    }

    /// <summary>Takes the lock again if its file was deleted, so that a second writer is still refused.</summary>
    public void KeepLock(string bootId)
    {
        if (held.IsInPlace)
            return;
        Directory.CreateDirectory(Path);
        var again = WriterLock.Take(Path, bootId);
        held.Dispose();
        held = again;
    }

    public void Dispose() => held.Dispose();

    private static (long Bytes, string File)? Both((long Bytes, string File)? lines, (long Bytes, string File)? bodies) =>
        lines is { } a && bodies is { } b ? (a.Bytes + b.Bytes, $"{a.File} and {b.File}") : lines ?? bodies;

    /// <summary>Id of the log in a directory; null if there is none.</summary>
    public static string? IdIn(string directory)
    {
        var path = System.IO.Path.Combine(directory, IdName);
        return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: 32 } id && !id.AsSpan().ContainsAnyExcept("0123456789abcdef") ? id : null;
    }

    private static string IdOf(string directory)
    {
        if (IdIn(directory) is { } id)
            return id;
        var path = System.IO.Path.Combine(directory, IdName);
        id = Guid.NewGuid().ToString("N");
        File.WriteAllText(path, id + "\n", Encoding.ASCII);
        return id;
    }
}
