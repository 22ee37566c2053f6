using System.Security.Cryptography;

namespace Harden.Audit.Retention;

/// <summary>Works out what a tombstone has to say of segments, from their lines. What doesn't fit what was signed gets none, and so is not deleted.</summary>
/// <param name="directory">The log's directory.</param>
/// <param name="logId">Id of the log.</param>
/// <param name="key">The key of the log.</param>
/// <param name="due">The segments to delete: the oldest of one boot.</param>
/// <param name="ofBoot">Every segment of that boot.</param>
internal sealed class TombstoneDraft(string directory, string logId, ECDsa key, List<SegmentFile> due, List<SegmentFile> ofBoot)
{
    /// <summary>Works it out.</summary>
    /// <returns>The tombstone, or a sentence that says what is wrong.</returns>
    public (Tombstone? Tombstone, string Problem) Make(DateTimeOffset now, string reason)
    {
        var boot = due[0].Boot;
        var path = Path.Combine(directory, Tombstone.FileName(boot));
        var before = File.Exists(path) ? Tombstone.TryOpen(File.ReadAllText(path), key) : null;
        if (due[0].Number != (before?.Segments ?? 0) + 1)
            return (null, $"A segment of boot {boot} is missing before {due[0].Name}.");
        var tree = before?.Tree() ?? new();
        var (bootId, from, to) = (before?.BootId ?? "", before?.From, before?.To);
        foreach (var segment in due)
        {
            foreach (var (line, number, whole) in ForwardLines.Read(Path.Combine(directory, segment.Name)))
            {
                if (!whole && segment == ofBoot[^1])
                    break; // torn by a crash
                if (!EntryFrame.IsWhole(line) || AuditEntry.TryParse(line) is not { } entry || entry.Seq != tree.Size)
                    return (null, $"Line {number} of {segment.Name} is not entry {tree.Size} of boot {boot}.");
                tree.Append(line);
                bootId = entry.BootId;
                from ??= entry.Time;
                to = entry.Time;
            }
        }
        var all = due[^1] == ofBoot[^1];
        return Mismatch(tree, boot, all) is { } problem ? (null, problem)
            : (new(logId, bootId, boot, due[^1].Number, all, tree.Size, tree.Peaks(), from ?? now, to ?? now, now, reason), "");
    }

    // The next segment begins with the root of all before it; of a whole boot the checkpoint has the last word.
    private string? Mismatch(MerkleFrontier tree, int boot, bool all)
    {
        var root = Convert.ToBase64String(tree.Root());
        if (!all)
        {
            var next = ofBoot[due.Count];
            return ForwardLines.Read(Path.Combine(directory, next.Name)).Select(static l => AuditEntry.TryParse(l.Line)).FirstOrDefault() is { Notice: { } notice }
                && notice.TreeSize == tree.Size && notice.Root == root ? null : $"The entries before {next.Name} are not those that it was begun after.";
        }
        var path = Path.Combine(directory, Checkpoint.FileName(boot));
        if (!File.Exists(path) || Checkpoint.TryOpen(File.ReadAllText(path), key) is not { } signed)
            return $"The checkpoint of boot {boot} is missing or not signed by this gateway's key.";
        return signed.Size > tree.Size ? $"Boot {boot} ends after {tree.Size} entries, but {signed.Size} were signed for."
            : signed.Size == tree.Size && Convert.ToBase64String(signed.Root) != root ? $"The entries of boot {boot} are not those that were signed for."
            : null;
    }
}
