using System.Globalization;

namespace Harden.Audit;

/// <summary>What the first entry of a boot says of the boot before it.</summary>
internal static class PreviousBoot
{
    /// <summary>Reason of a first entry after a boot that left whole files.</summary>
    public const string Started = "started";

    /// <summary>Reason of a first entry after one that did not.</summary>
    public const string Torn = "torn-tail";

    /// <summary>What the newest boot in a directory was signed for, as its file says; null if there is none, or none that can be read.</summary>
    public static Checkpoint? SignedFor(LogDirectory directory)
    {
        var path = Path.Combine(directory.Path, Checkpoint.FileName(directory.LastBoot));
        return File.Exists(path) && Checkpoint.TryOpen(File.ReadAllText(path), null) is { } found && found.LogId == directory.LogId ? found : null;
    }

    /// <summary>What a boot says of the one before it; null if it says nothing, or its first entry was deleted by retention or can't be read.</summary>
    /// <param name="directory">The log's directory.</param>
    /// <param name="first">The boot's first segment that is there.</param>
    /// <param name="boot">Ordinal of the boot before.</param>
    /// <returns>Its tree, as a checkpoint of no boot id; and true if it was read from a checkpoint, false if the writer itself went from one boot to the next.</returns>
    public static (Checkpoint Tree, bool WasSigned)? SaidBy(string directory, SegmentFile first, int boot)
    {
        if (first.Number != 1)
            return null;
        foreach (var (line, _, whole) in ForwardLines.Read(Path.Combine(directory, first.Name)))
        {
            var root = new byte[32];
            return whole && AuditEntry.TryParse(line) is { Stage: EntryStage.Boot, Notice: { Root.Length: > 0 } notice } entry && Convert.TryFromBase64String(notice.Root, root, out var length) && length == root.Length
                ? (new(entry.LogId, "", boot, notice.TreeSize, root, entry.Time), notice.Reason is Started or Torn) : null;
        }
        return null;
    }

    /// <summary>One sentence for a boot whose checkpoint is gone though the next one found it.</summary>
    public static string Gone(int boot, Checkpoint tree) => string.Create(CultureInfo.InvariantCulture,
        $"The checkpoint of boot {boot} is missing, though it was there when boot {boot + 1} began: it signed for {tree.Size} entries.");
}
