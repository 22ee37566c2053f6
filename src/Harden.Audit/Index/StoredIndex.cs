using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>An index that a gateway keeps or kept, as somebody else finds it: used if it is up to the log, never written.</summary>
/// <param name="directory">The log's directory.</param>
/// <param name="path">The index.</param>
internal sealed class StoredIndex(string directory, string path) : IAuditIndex
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3); // a gateway that runs looks at its log every second

    private bool? current;

    public string Remark => "";

    /// <summary>The index beside a log, in the gateway's state directory.</summary>
    public static string PathBeside(string directory) =>
        IndexFile.PathOf(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(directory).TrimEnd(Path.DirectorySeparatorChar)) ?? directory, IndexFile.DirectoryName));

    public async Task<bool> IsCurrentAsync(CancellationToken cancel)
    {
        if (current is null)
        {
            var asOf = Lengths();
            var since = Stopwatch.GetTimestamp();
            while (!(current = Covers(asOf)).Value && WriterLock.LiveBoot(directory) is not null && Stopwatch.GetElapsedTime(since) < Patience)
                await Task.Delay(100, cancel);
        }
        return current.Value;
    }

    public void Distrust(Exception why) => current = false;

    private Dictionary<SegmentFile, long> Lengths() => SegmentFile.In(directory).ToDictionary(static s => s, s => new FileInfo(Path.Combine(directory, s.Name)).Length);

    private bool Covers(Dictionary<SegmentFile, long> lengths)
    {
        if (!File.Exists(path))
            return false;
        try
        {
            using var connection = IndexFile.OpenForReading(path);
            var id = Path.Combine(directory, "log-id");
            if (!IndexFile.Fits(connection, File.Exists(id) ? File.ReadAllText(id).Trim() : ""))
                return false;
            var segments = IndexedSegment.All(connection).ToDictionary(static s => s.File);
            return lengths.All(l => segments.TryGetValue(l.Key, out var segment) && Reaches(segment, l.Value) && segment.Fits(directory));
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException or TypeInitializationException)
        {
            return false;
        }
    }

    // What follows the last line feed is a line that a crash tore, or one being written.
    private bool Reaches(IndexedSegment segment, long length)
    {
        if (segment.Bytes >= length)
            return true;
        if (length - segment.Bytes > EntryFrame.MaxLine)
            return false;
        using var lines = new LineReader(directory);
        return lines.Read(segment.File, segment.Bytes) is null;
    }
}
