using System.Globalization;
using System.Security.Cryptography;

namespace Harden.Audit;

/// <summary>
/// Checks a log offline, from its files and the public key alone: every line whole, none missing, and the Merkle root of each boot the one that was
/// signed. Names the first entry that is wrong, as narrowly as the files allow.
/// </summary>
/// <param name="directory">The log's directory, or a copy of it.</param>
/// <param name="key">The public key of the checkpoints; null to check without.</param>
internal sealed class AuditVerifier(string directory, ECDsa? key)
{
    private readonly List<Finding> findings = [];

    /// <summary>Entries checked.</summary>
    public long Entries { get; private set; }

    /// <summary>Boots found.</summary>
    public int Boots { get; private set; }

    /// <summary>Checks everything.</summary>
    /// <param name="elsewhere">Checkpoints that were kept in a second place, one after the other.</param>
    public IReadOnlyList<Finding> Run(string? elsewhere = null)
    {
        var live = WriterLock.LiveBoot(directory);
        var notes = Directory.Exists(directory) ? Directory.GetFiles(directory, "*.checkpoint").ToDictionary(static f => Path.GetFileName(f), File.ReadAllText) : [];
        var segments = SegmentFile.In(directory);
        var kept = Kept(elsewhere);
        var last = 0;
        foreach (var boot in segments.GroupBy(static s => s.Boot))
        {
            if (boot.Key != last + 1)
                Find(Verdict.Incomplete, "", 0, $"Boot {last + 1}{(boot.Key > last + 2 ? $" to {boot.Key - 1}" : "")} is missing: the first one present is {boot.Key}.");
            last = boot.Key;
            Boots++;
            CheckBoot(boot.Key, [.. boot], notes.GetValueOrDefault(Checkpoint.FileName(boot.Key)), kept.Where(c => c.Boot == boot.Key).ToList(), live);
        }
        foreach (var note in notes.Keys.Where(name => !segments.Exists(s => Checkpoint.FileName(s.Boot) == name)))
            Find(Verdict.Incomplete, note, 0, "There is a checkpoint of this boot, but none of its segments.");
        foreach (var lost in kept.Where(c => !segments.Exists(s => s.Boot == c.Boot)).DistinctBy(static c => c.Boot))
            Find(Verdict.Incomplete, "", 0, $"A checkpoint kept elsewhere speaks of boot {lost.Boot} with {lost.Size} entries, of which nothing is here.");
        if (segments.Count == 0)
            Find(Verdict.Incomplete, "", 0, "There is no audit log here.");
        return findings;
    }

    /// <summary>The process exit code of findings: 0 intact, 1 altered, 2 incomplete, 3 the end can't be verified. The gravest counts.</summary>
    public static int ExitCode(IEnumerable<Finding> findings) => findings.Select(static f => (int)f.Verdict).DefaultIfEmpty(0).Min();

    private void CheckBoot(int boot, List<SegmentFile> segments, string? note, List<Checkpoint> kept, string? live)
    {
        var signed = Open(boot, note);
        if (signed is not null)
            kept.Add(signed);
        kept.Sort(static (a, b) => a.Size.CompareTo(b.Size));
        var before = findings.Count;
        var tree = new MerkleFrontier();
        var next = 0;
        string bootId = "";
        for (var i = 0; i < segments.Count; i++)
        {
            if (segments[i].Number != i + 1)
            {
                Find(Verdict.Incomplete, segments[i].Name, 0, $"Segment {i + 1} of boot {boot} is missing before this one.");
                return; // what follows can't fit any root
            }
            foreach (var (line, number, whole) in ForwardLines.Read(Path.Combine(directory, segments[i].Name)))
            {
                if (!whole)
                {
                    Tail(segments[i], number, tree.Size, kept, live == bootId, i == segments.Count - 1);
                    break;
                }
                if (!CheckLine(line, segments[i], number, boot, tree.Size, kept, ref bootId))
                    return;
                tree.Append(line);
                Entries++;
                while (next < kept.Count && kept[next].Size <= tree.Size)
                {
                    if (kept[next].Size == tree.Size && !CheckRoot(kept[next], tree, segments[i], next == 0 ? 0 : kept[next - 1].Size, bootId))
                        return;
                    next++;
                }
            }
        }
        if (next < kept.Count)
            Find(Verdict.Incomplete, segments[^1].Name, tree.Size, $"Boot {boot} ends after {tree.Size} entries, but {kept[^1].Size} were signed for: entries {tree.Size} to {kept[^1].Size - 1} are missing.");
        else if (findings.Count == before && live != bootId && key is not null && (kept.Count == 0 || kept[^1].Size < tree.Size))
            Find(Verdict.Unverifiable, segments[^1].Name, kept.Count == 0 ? 0 : kept[^1].Size,
                $"The last {tree.Size - (kept.Count == 0 ? 0 : kept[^1].Size)} entries of boot {boot} were written after its last checkpoint, as a crash leaves them. Nothing proves or disproves them.");
    }

    private bool CheckLine(byte[] line, SegmentFile segment, long number, int boot, long seq, List<Checkpoint> kept, ref string bootId)
    {
        if (!EntryFrame.IsWhole(line) || AuditEntry.TryParse(line) is not { } entry)
        {
            // Beyond what was signed for it may as well be what a crash left.
            var signedFor = key is null || (kept.Count > 0 && seq < kept[^1].Size);
            Find(signedFor ? Verdict.Altered : Verdict.Unverifiable, segment.Name, seq, $"Line {number} (entry {seq} of boot {boot}) does not match its own checksum.");
            return false;
        }
        if (bootId.Length == 0)
            bootId = entry.BootId;
        if (entry.BootId != bootId || (kept.Count > 0 && (entry.BootId != kept[0].BootId || entry.LogId != kept[0].LogId)))
            Find(Verdict.Altered, segment.Name, seq, $"Line {number} belongs to another boot or log.");
        else if (entry.Seq > seq)
            Find(Verdict.Incomplete, segment.Name, seq, $"Entry {seq} of boot {boot} is missing: line {number} is entry {entry.Seq}.");
        else if (entry.Seq < seq)
            Find(Verdict.Altered, segment.Name, seq, $"Line {number} is entry {entry.Seq} of boot {boot}, where entry {seq} belongs.");
        else
            return true;
        return false;
    }

    private bool CheckRoot(Checkpoint checkpoint, MerkleFrontier tree, SegmentFile segment, long from, string bootId)
    {
        if (checkpoint.BootId == bootId && tree.Root().AsSpan().SequenceEqual(checkpoint.Root))
            return true;
        var named = LeafFile.FirstDifference(directory, segment.Boot, checkpoint.Size, checkpoint.Root, SegmentFile.In(directory));
        Find(Verdict.Altered, named?.File ?? segment.Name, named?.Seq ?? from, named is { } entry
            ? string.Create(CultureInfo.InvariantCulture, $"Entry {entry.Seq} of boot {segment.Boot} (line {entry.Line}) is not the entry that was signed for.")
            : $"An entry from {from} to {checkpoint.Size - 1} of boot {segment.Boot} is not the one that was signed for.");
        return false;
    }

    private void Tail(SegmentFile segment, long number, long seq, List<Checkpoint> kept, bool live, bool lastOfBoot)
    {
        if (live && lastOfBoot)
            return; // a line that is being written
        if (kept.Count > 0 && seq < kept[^1].Size)
            return; // told as missing entries
        Find(Verdict.Unverifiable, segment.Name, seq, $"Line {number} is torn, as a crash leaves it.");
    }

    private Checkpoint? Open(int boot, string? note)
    {
        if (key is null)
            return null;
        if (note is null)
        {
            Find(Verdict.Unverifiable, Checkpoint.FileName(boot), 0, $"Boot {boot} has no checkpoint: nothing proves that its entries are unaltered.");
            return null;
        }
        if (Checkpoint.TryOpen(note, key) is { } signed && signed.Boot == boot)
            return signed;
        Find(Verdict.Altered, Checkpoint.FileName(boot), 0, $"The checkpoint of boot {boot} is not signed by the given key.");
        return null;
    }

    private List<Checkpoint> Kept(string? elsewhere)
    {
        List<Checkpoint> kept = [];
        if (elsewhere is null || key is null)
            return kept;
        foreach (var note in File.ReadAllText(elsewhere).Split("\n\nharden-audit/"))
        {
            var text = note.StartsWith("harden-audit/", StringComparison.Ordinal) ? note : "harden-audit/" + note;
            if (Checkpoint.TryOpen(text, key) is { } checkpoint)
                kept.Add(checkpoint);
            else if (note.Trim().Length > 0)
                Find(Verdict.Altered, elsewhere, 0, "A checkpoint in this file is not signed by the given key.");
        }
        return kept;
    }

    private void Find(Verdict verdict, string file, long entry, string text) => findings.Add(new(verdict, file, entry, text));
}

/// <summary>Something wrong with a log.</summary>
/// <param name="Verdict">How grave.</param>
/// <param name="File">In which file; "" if in none.</param>
/// <param name="Entry">The first entry concerned, counted in its boot.</param>
/// <param name="Text">One sentence.</param>
internal sealed record Finding(Verdict Verdict, string File, long Entry, string Text);

/// <summary>How grave a finding is; the number is the exit code.</summary>
internal enum Verdict
{
    /// <summary>Something is not as it was written.</summary>
    Altered = 1,

    /// <summary>Something is missing.</summary>
    Incomplete = 2,

    /// <summary>The end can be neither proven nor disproven.</summary>
    Unverifiable = 3,
}
