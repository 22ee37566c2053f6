using System.Security.Cryptography;
using Harden.Audit.Bodies;
using Harden.Audit.Retention;

namespace Harden.Audit;

/// <summary>
/// Checks a log offline, from its files and the public key alone: every line whole, none missing but what a signed tombstone covers, the Merkle
/// root of each boot the one that was signed, every body where its entry says. Names the first entry that is wrong, as narrowly as the files allow.
/// </summary>
/// <param name="directory">The log's directory, or a copy of it.</param>
/// <param name="key">The public key of the checkpoints; null to check without.</param>
/// <param name="bodyKeys">The keys of bodies; null to check of them only that they are there and whole.</param>
internal sealed class AuditVerifier(string directory, ECDsa? key, BodyKeys? bodyKeys = null)
{
    private readonly List<Finding> findings = [];
    private HoldsOnRecord holds = new();
    private string lastId = ""; // of the boot that was checked last

    /// <summary>Entries checked.</summary>
    public long Entries { get; private set; }

    /// <summary>Boots found.</summary>
    public int Boots { get; private set; }

    /// <summary>Bodies checked.</summary>
    public long Bodies { get; private set; }

    /// <summary>What they say was checked too, and not only that they are there and match their checksums.</summary>
    public bool OpensBodies => bodyKeys is not null;

    /// <summary>Entries that retention deleted, as signed tombstones say.</summary>
    public long Deleted { get; private set; }

    /// <summary>Entries that were signed for only after a crash, as the next start found them: the boot, the first and the last.</summary>
    public List<(int Boot, long From, long To)> Found { get; } = [];

    /// <summary>Checks everything.</summary>
    /// <param name="elsewhere">A file of checkpoints that were kept in a second place, one after the other.</param>
    public IReadOnlyList<Finding> Run(string? elsewhere = null)
    {
        for (var left = 3; ; left--)
        {
            try
            {
                return RunOnce(elsewhere);
            }
            catch (FileNotFoundException) when (left > 0)
            {
                // Retention deleted a segment meanwhile: the tombstone that covers it is there now.
                findings.Clear();
                Found.Clear();
                holds = new();
                (Entries, Boots, Bodies, Deleted) = (0, 0, 0, 0);
            }
        }
    }

    private IReadOnlyList<Finding> RunOnce(string? elsewhere)
    {
        var (live, newest) = (WriterLock.LiveBoot(directory), WriterLock.LastBoot(directory)); // before the segments are listed: a boot has one before it is named
        lastId = "";
        var notes = Directory.Exists(directory) ? Directory.GetFiles(directory, "*.checkpoint").ToDictionary(static f => Path.GetFileName(f), File.ReadAllText) : [];
        var segments = SegmentFile.In(directory);
        var kept = Kept(elsewhere);
        var tombstones = Tombstones();
        var last = 0;
        foreach (var boot in segments.Select(static s => s.Boot).Concat(tombstones.Keys).Distinct().Order().ToArray())
        {
            if (boot != last + 1)
                Find(Verdict.Incomplete, "", 0, $"Boot {last + 1}{(boot > last + 2 ? $" to {boot - 1}" : "")} is missing: the first one present is {boot}.");
            last = boot;
            var tombstone = tombstones.GetValueOrDefault(boot);
            if (tombstone is not null && segments.Find(s => s.Boot < boot) is { Boot: > 0 } before)
                Find(Verdict.Altered, Tombstone.FileName(boot), 0, $"A tombstone covers entries of boot {boot}, though {before.Name} is older and still here: retention deletes the oldest first.");
            var next = segments.Find(s => s.Boot == boot + 1);
            var said = next.Boot == 0 ? null : PreviousBoot.SaidBy(directory, next, boot);
            Check(boot, segments.FindAll(s => s.Boot == boot), tombstone, notes.GetValueOrDefault(Checkpoint.FileName(boot)), kept.FindAll(c => c.Boot == boot), said, live);
        }
        foreach (var note in notes.Keys.Where(name => !segments.Exists(s => Checkpoint.FileName(s.Boot) == name) && !tombstones.Keys.Any(boot => Checkpoint.FileName(boot) == name)))
            Find(Verdict.Incomplete, note, 0, "There is a checkpoint of this boot, but none of its segments.");
        foreach (var lost in kept.Where(c => !segments.Exists(s => s.Boot == c.Boot) && !tombstones.ContainsKey(c.Boot)).OrderByDescending(static c => c.Size).DistinctBy(static c => c.Boot).OrderBy(static c => c.Boot))
            Find(Verdict.Incomplete, "", 0, $"A checkpoint kept elsewhere speaks of boot {lost.Boot} with {lost.Size} entries, of which nothing is here.");
        if (live is null && newest is not null && lastId.Length > 0 && newest != lastId)
            Find(Verdict.Incomplete, "", 0, $"The newest boot here is {last}, but the last that was written is another one ({newest}).");
        if (last == 0)
            Find(Verdict.Incomplete, "", 0, "There is no audit log here.");
        return findings;
    }

    /// <summary>The process exit code of findings: 0 intact, 1 altered, 2 incomplete, 3 the end can't be verified. The gravest counts.</summary>
    public static int ExitCode(IEnumerable<Finding> findings) => findings.Select(static f => (int)f.Verdict).DefaultIfEmpty(0).Min();

    private void Check(int boot, List<SegmentFile> segments, Tombstone? tombstone, string? note, List<Checkpoint> kept, (Checkpoint Tree, bool WasSigned)? said, string? live)
    {
        if (tombstone is not null)
        {
            lastId = tombstone.BootId;
            Deleted += tombstone.Size;
            if (segments.RemoveAll(s => s.Number <= tombstone.Segments) > 0)
                Find(Verdict.Unverifiable, Tombstone.FileName(boot), 0, $"Segments of boot {boot} are still here though retention has deleted them on record: it was interrupted, and goes on at the next start of the gateway.");
            foreach (var checkpoint in kept.Where(c => c.Size == tombstone.Size && (c.BootId != tombstone.BootId || !c.Root.AsSpan().SequenceEqual(tombstone.Root))))
                Find(Verdict.Altered, Tombstone.FileName(boot), 0, $"The tombstone of boot {boot} covers other entries than the {checkpoint.Size} that a checkpoint kept elsewhere signs for.");
            if (tombstone.Whole && segments.Count == 0)
            {
                if (kept.Find(c => c.Size > tombstone.Size) is { } longer)
                    Find(Verdict.Incomplete, Tombstone.FileName(boot), tombstone.Size, $"The tombstone of boot {boot} covers {tombstone.Size} entries, but {longer.Size} were signed for.");
                return;
            }
        }
        Boots++;
        var verifier = new BootVerifier(directory, boot, tombstone, bodyKeys, holds, Find, signed: key is not null);
        if (Open(boot, note, said) is { } signed)
            kept.Add(signed);
        if (said is { } tree)
            kept.Add(tree.Tree);
        verifier.Run(segments, kept, live);
        lastId = verifier.BootId;
        Entries += verifier.Entries;
        Bodies += verifier.Bodies;
    }

    private Checkpoint? Open(int boot, string? note, (Checkpoint Tree, bool WasSigned)? said)
    {
        if (key is null)
            return null;
        if (note is null && said is { WasSigned: true } before)
        {
            Find(Verdict.Incomplete, Checkpoint.FileName(boot), 0, PreviousBoot.Gone(boot, before.Tree));
            return null;
        }
        if (note is null)
        {
            Find(Verdict.Unverifiable, Checkpoint.FileName(boot), 0, $"Boot {boot} has no checkpoint: nothing proves that its entries are unaltered.");
            return null;
        }
        if (Checkpoint.TryOpen(note, key) is { } signed && signed.Boot == boot)
        {
            if (signed.Found is { } found)
                Found.Add((boot, found, signed.Size - 1));
            return signed;
        }
        Find(Verdict.Altered, Checkpoint.FileName(boot), 0, $"The checkpoint of boot {boot} is not signed by the given key.");
        return null;
    }

    private Dictionary<int, Tombstone> Tombstones()
    {
        Dictionary<int, Tombstone> found = [];
        foreach (var (boot, file, note) in Tombstone.In(directory))
        {
            if (Tombstone.TryOpen(note, key) is { } tombstone && tombstone.Boot == boot)
                found[boot] = tombstone;
            else
                Find(Verdict.Altered, file, 0, $"The tombstone of boot {boot} is not signed by the given key, or was altered: it covers nothing.");
        }
        return found;
    }

    private List<Checkpoint> Kept(string? elsewhere)
    {
        List<Checkpoint> kept = [];
        if (elsewhere is null || key is null)
            return kept;
        var torn = 0;
        foreach (var note in CheckpointCopy.Read(elsewhere))
        {
            if (Checkpoint.TryOpen(note, key) is { } checkpoint)
                kept.Add(checkpoint);
            else if (Checkpoint.TryOpen(note, null) is null || !SignedNote.IsWhole(note))
                torn++;
            else
                Find(Verdict.Altered, elsewhere, 0, "A checkpoint in this file is not signed by the given key.");
        }
        if (torn == 0 && kept.Count == 0 && !findings.Exists(f => f.File == elsewhere))
            Find(Verdict.Unverifiable, elsewhere, 0, "There is no checkpoint in this file: it proves nothing.");
        if (torn > 0)
            Find(Verdict.Unverifiable, elsewhere, 0, torn == 1 ? "One checkpoint in this file is torn, as a full disk or a crash leaves it: it proves nothing." : $"{torn} pieces of this file are no checkpoints, or torn ones: they prove nothing.");
        return kept;
    }

    private void Find(Verdict verdict, string file, long entry, string text) => findings.Add(new(verdict, file, entry, text));
}
