using System.Security.Cryptography;

namespace Harden.Audit;

/// <summary>
/// A boot that was killed has entries that nobody signed for: those since its last checkpoint. At the next start they are signed for as
/// they were found, and that is on record, so that from then on nobody can alter them and one crash doesn't leave the log unverifiable for ever.
/// </summary>
internal sealed class CrashTail(string directory, ECDsa key, TimeProvider time, Func<AuditNotice, ValueTask<bool>> tell)
{
    /// <summary>Looks at every boot before one.</summary>
    /// <param name="before">Ordinal of the boot that is being written.</param>
    public async Task RunAsync(int before)
    {
        foreach (var boot in SegmentFile.In(directory).Where(s => s.Boot < before).GroupBy(static s => s.Boot))
        {
            var path = Path.Combine(directory, Checkpoint.FileName(boot.Key));
            if (!File.Exists(path) || Checkpoint.TryOpen(await File.ReadAllTextAsync(path), key) is not { } signed || LastSeq(boot.Last()) < signed.Size)
                continue;
            if (Tree([.. boot], signed) is not { } tree || tree.Size <= signed.Size)
                continue; // not what was signed for: verification says so
            var notice = new AuditNotice
            {
                Reason = "crash-tail",
                Detail = $"Boot {boot.Key} ended without last words. Its entries {signed.Size} to {tree.Size - 1} were written after its last checkpoint; they are signed for as they were found at this start.",
                File = boot.Last().Name,
                Count = tree.Size - signed.Size,
                TreeSize = tree.Size,
                Root = Convert.ToBase64String(tree.Root()),
            };
            if (!await tell(notice))
                return;
            Disk.WriteDurably(path, (signed with { Size = tree.Size, Root = tree.Root(), Time = time.GetUtcNow(), Found = signed.Size }).Sign(key));
        }
    }

    // The last line's place is enough to pass over boots that ended in order.
    private long LastSeq(SegmentFile segment)
    {
        foreach (var line in BackwardLines.Read(Path.Combine(directory, segment.Name)))
            return AuditEntry.TryParse(line.Span)?.Seq ?? long.MaxValue;
        return -1;
    }

    private MerkleFrontier? Tree(List<SegmentFile> segments, Checkpoint signed)
    {
        var path = Path.Combine(directory, Tombstone.FileName(signed.Boot));
        var tombstone = File.Exists(path) ? Tombstone.TryOpen(File.ReadAllText(path), key) : null;
        var tree = tombstone?.Tree() ?? new();
        foreach (var segment in segments.Where(s => s.Number > (tombstone?.Segments ?? 0)))
        {
            foreach (var (line, _, whole) in ForwardLines.Read(Path.Combine(directory, segment.Name)))
            {
                if (!whole || !EntryFrame.IsWhole(line) || AuditEntry.TryParse(line) is not { } entry || entry.Seq != tree.Size || entry.BootId != signed.BootId)
                    return null;
                tree.Append(line);
                if (tree.Size == signed.Size && !tree.Root().AsSpan().SequenceEqual(signed.Root))
                    return null;
            }
        }
        return tree;
    }
}
