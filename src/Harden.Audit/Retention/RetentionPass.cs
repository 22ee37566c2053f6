using System.Security.Cryptography;

namespace Harden.Audit.Retention;

/// <summary>
/// Deletes what is older or more than may be kept: whole segments with their bodies, the oldest first, never the open one. First a notice is
/// durable, then a signed tombstone stands in their place, then they go; whatever it is interrupted by, nothing is gone without both.
/// </summary>
internal sealed class RetentionPass(string directory, string logId, ECDsa key, Func<RetentionLimits> limits, TimeProvider time, Func<AuditNotice, ValueTask<bool>> tell)
{
    /// <summary>Reason of the notice of a deletion.</summary>
    public const string Reason = "retention";

    private readonly HoldWatch holds = new(directory, time, tell);
    private string refused = "";

    /// <summary>Looks at the holds, and deletes what is due.</summary>
    public async Task RunAsync()
    {
        if (!await holds.FreeAsync())
            return;
        foreach (var (_, _, note) in Tombstone.In(directory))
        {
            if (Tombstone.TryOpen(note, key) is { } tombstone)
                Delete(tombstone); // what an interruption left
        }
        var current = limits();
        var segments = SegmentFile.In(directory);
        if (!current.Any || segments.Count < 2)
            return;
        foreach (var boot in Due(segments, current).GroupBy(static s => s.Boot))
        {
            if (!await DeleteAsync([.. boot], segments.FindAll(s => s.Boot == boot.Key), current))
                return;
        }
    }

    private List<SegmentFile> Due(List<SegmentFile> segments, RetentionLimits current)
    {
        var total = current.Bytes > 0 ? segments.Sum(SizeOf) : 0;
        List<SegmentFile> due = [];
        var shipped = ShippedMark.Read(directory);
        foreach (var segment in segments.SkipLast(1)) // the last one is open
        {
            if (shipped is { } needed && segment.CompareTo(needed) >= 0)
                break; // PostgreSQL does not have it yet
            var old = current.Age is { } age && LastTime(segment) < time.GetUtcNow() - age;
            if (!old && (current.Bytes == 0 || total <= current.Bytes))
                break;
            total -= current.Bytes > 0 ? SizeOf(segment) : 0;
            due.Add(segment);
        }
        return due;
    }

    private async Task<bool> DeleteAsync(List<SegmentFile> due, List<SegmentFile> ofBoot, RetentionLimits current)
    {
        var reason = current.Age is { } age && LastTime(due[^1]) < time.GetUtcNow() - age ? $"older than {age.TotalDays:0.##} days" : $"more than {current.Bytes} bytes in all";
        var (tombstone, problem) = new TombstoneDraft(directory, logId, key, due, ofBoot).Make(time.GetUtcNow(), reason);
        if (tombstone is null)
        {
            if (refused != problem && await tell(new() { Reason = "retention-refused", Detail = $"{problem} It may be evidence: nothing is deleted until somebody has looked at it.", File = due[0].Name }))
                refused = problem;
            return false;
        }
        var notice = new AuditNotice
        {
            Reason = Reason,
            Detail = $"{due[0].Name} to {due[^1].Name} were deleted: {reason}. They held entries up to {tombstone.Size - 1} of boot {tombstone.Boot}, from {tombstone.From.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} to {tombstone.To.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}.",
            File = Tombstone.FileName(tombstone.Boot),
            Count = due.Count,
            TreeSize = tombstone.Size,
            Root = Convert.ToBase64String(tombstone.Root),
        };
        // Asked once more, and last: reading so much through took a while, and who put a hold on meanwhile was told that nothing is deleted any more.
        if (!await holds.FreeAsync() || !await tell(notice))
            return false;
        var path = Path.Combine(directory, Tombstone.FileName(tombstone.Boot));
        Disk.WriteDurably(path, tombstone.Sign(key));
        Delete(tombstone);
        return true;
    }

    private void Delete(Tombstone tombstone)
    {
        var gone = SegmentFile.In(directory).FindAll(s => s.Boot == tombstone.Boot && s.Number <= tombstone.Segments);
        foreach (var segment in gone)
        {
            foreach (var file in FilesOf(segment))
                File.Delete(file);
        }
        if (tombstone.Whole && gone.Count > 0)
        {
            File.Delete(Path.Combine(directory, LeafFile.NameOf(tombstone.Boot)));
            File.Delete(Path.Combine(directory, Checkpoint.FileName(tombstone.Boot)));
        }
        if (gone.Count > 0)
            Disk.SyncDirectory(directory);
    }

    // Also what was torn off it or put in its place: the same entries are in there. The lines go last, because they tell that something is left to do.
    private IEnumerable<string> FilesOf(SegmentFile segment) =>
        Directory.GetFiles(directory, segment.Name[..^"jsonl".Length] + "*").OrderBy(f => Path.GetFileName(f) == segment.Name);

    private long SizeOf(SegmentFile segment) => FilesOf(segment).Sum(static f => new FileInfo(f).Length);

    private DateTimeOffset LastTime(SegmentFile segment)
    {
        var path = Path.Combine(directory, segment.Name);
        foreach (var line in BackwardLines.Read(path))
        {
            if (AuditEntry.TryParse(line.Span) is { } entry)
                return entry.Time;
        }
        return File.GetLastWriteTimeUtc(path); // a boot that died before its first entry
    }
}
