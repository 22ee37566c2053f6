using System.Globalization;
using Harden.Audit.Bodies;
using Harden.Audit.Retention;

namespace Harden.Audit;

/// <summary>Checks the entries of one boot, from where its tombstone ends, against everything that was signed for.</summary>
internal sealed class BootVerifier(string directory, int boot, Tombstone? tombstone, BodyKeys? bodyKeys, HoldsOnRecord holds, Action<Verdict, string, long, string> find, bool signed)
{
    private readonly MerkleFrontier tree = tombstone?.Tree() ?? new();
    private readonly int deleted = tombstone?.Segments ?? 0;
    private string bootId = tombstone?.BootId ?? "";
    private List<SegmentFile> segments = [];
    private List<Checkpoint> kept = [];
    private int next; // the checkpoint that is due next
    private bool found;

    /// <summary>Id of the boot; empty if that can't be read.</summary>
    public string BootId => bootId;

    /// <summary>Entries checked.</summary>
    public long Entries { get; private set; }

    /// <summary>Bodies checked.</summary>
    public long Bodies { get; private set; }

    /// <summary>Checks them.</summary>
    /// <param name="present">The boot's segments.</param>
    /// <param name="checkpoints">Everything that was signed for it.</param>
    /// <param name="live">Id of the boot that is being written; null if none is.</param>
    public void Run(List<SegmentFile> present, List<Checkpoint> checkpoints, string? live)
    {
        (segments, kept) = (present, [.. checkpoints.OrderBy(static c => c.Size)]);
        while (next < kept.Count && kept[next].Size <= tree.Size)
            next++; // of entries that are deleted
        for (var i = 0; i < segments.Count; i++)
        {
            if (segments[i].Number != deleted + i + 1)
            {
                Find(Verdict.Incomplete, segments[i].Name, 0, $"Segment {deleted + i + 1} of boot {boot} is missing before this one.");
                return; // what follows can't fit any root
            }
            if (!CheckSegment(segments[i], live, i == segments.Count - 1))
                return;
        }
        var end = segments.Count > 0 ? segments[^1].Name : "";
        if (segments.Count == 0 && tombstone is not null)
            Find(Verdict.Incomplete, Tombstone.FileName(boot), tree.Size, $"Segment {deleted + 1} of boot {boot} is missing: the tombstone covers the first {deleted} only.");
        else if (next < kept.Count)
            Find(Verdict.Incomplete, end, tree.Size, $"Boot {boot} ends after {tree.Size} entries, but {kept[^1].Size} were signed for: entries {tree.Size} to {kept[^1].Size - 1} are missing.");
        else if (!found && live != bootId && signed && (kept.Count == 0 || kept[^1].Size < tree.Size))
            Find(Verdict.Unverifiable, end, kept.Count == 0 ? 0 : kept[^1].Size,
                $"The last {tree.Size - (kept.Count == 0 ? 0 : kept[^1].Size)} entries of boot {boot} were written after its last checkpoint, as a crash leaves them. Nothing proves or disproves them.");
    }

    private bool CheckSegment(SegmentFile segment, string? live, bool last)
    {
        using var bodies = new BodyCheck(directory, segment, bodyKeys, Find);
        foreach (var (line, number, whole) in ForwardLines.Read(Path.Combine(directory, segment.Name)))
        {
            if (!whole)
            {
                Tail(segment, number, live == bootId && last);
                break;
            }
            if (CheckLine(line, segment, number) is not { } entry)
                return false;
            tree.Append(line);
            Entries++;
            Bodies += bodies.Check(entry);
            if (holds.Read(entry) is { } broken)
                find(Verdict.Incomplete, segment.Name, entry.Seq, broken); // and on: nothing is wrong with the entries that are here
            for (; next < kept.Count && kept[next].Size <= tree.Size; next++)
            {
                if (!CheckRoot(kept[next], segment, next == 0 ? 0 : kept[next - 1].Size))
                    return false;
            }
        }
        return true;
    }

    private AuditEntry? CheckLine(byte[] line, SegmentFile segment, long number)
    {
        var seq = tree.Size;
        if (!EntryFrame.IsWhole(line) || AuditEntry.TryParse(line) is not { } entry)
        {
            // Beyond what was signed for it may as well be what a crash left.
            var signedFor = !signed || (kept.Count > 0 && seq < kept[^1].Size);
            Find(signedFor ? Verdict.Altered : Verdict.Unverifiable, segment.Name, seq, $"Line {number} (entry {seq} of boot {boot}) does not match its own checksum.");
            return null;
        }
        if (bootId.Length == 0)
            bootId = entry.BootId;
        if (entry.BootId != bootId || kept.Exists(c => entry.LogId != c.LogId || !IsOfBoot(c, entry.BootId)))
            Find(Verdict.Altered, segment.Name, seq, $"Line {number} belongs to another boot or log.");
        else if (entry.Seq > seq)
            Find(Verdict.Incomplete, segment.Name, seq, $"Entry {seq} of boot {boot} is missing: line {number} is entry {entry.Seq}.");
        else if (entry.Seq < seq)
            Find(Verdict.Altered, segment.Name, seq, $"Line {number} is entry {entry.Seq} of boot {boot}, where entry {seq} belongs.");
        else
            return entry;
        return null;
    }

    private bool CheckRoot(Checkpoint checkpoint, SegmentFile segment, long from)
    {
        if (IsOfBoot(checkpoint, bootId) && tree.Root().AsSpan().SequenceEqual(checkpoint.Root))
            return true;
        from = Math.Max(from, tombstone?.Size ?? 0);
        var named = LeafFile.FirstDifference(directory, boot, checkpoint.Size, checkpoint.Root, segments, tombstone?.Size ?? 0);
        Find(Verdict.Altered, named?.File ?? segment.Name, named?.Seq ?? from, named is { } entry
            ? string.Create(CultureInfo.InvariantCulture, $"Entry {entry.Seq} of boot {boot} (line {entry.Line}) is not the entry that was signed for.")
            : $"An entry from {from} to {checkpoint.Size - 1} of boot {boot} is not the one that was signed for.");
        return false;
    }

    private void Tail(SegmentFile segment, long number, bool writing)
    {
        if (writing)
            return; // a line that is being written
        if (kept.Count > 0 && tree.Size < kept[^1].Size)
            return; // told as missing entries
        Find(Verdict.Unverifiable, segment.Name, tree.Size, $"Line {number} is torn, as a crash leaves it.");
    }

    // What the next boot said of this one names none.
    private static bool IsOfBoot(Checkpoint checkpoint, string id) => checkpoint.BootId.Length == 0 || checkpoint.BootId == id;

    private void Find(Verdict verdict, string file, long entry, string text)
    {
        found = true;
        find(verdict, file, entry, text);
    }
}
