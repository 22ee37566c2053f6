using System.Security.Cryptography;
using System.Text;

namespace Harden.Audit.Proof;

/// <summary>Makes proofs from the files of a log.</summary>
/// <param name="directory">The log's directory.</param>
/// <param name="key">The public key of the log.</param>
internal sealed class Prover(string directory, ECDsa key)
{
    /// <summary>Proves all entries of the newest request that has this id.</summary>
    /// <param name="id">Request id or trace id.</param>
    /// <exception cref="AuditLogException">It can't be proven, and why.</exception>
    public ProofFile Prove(string id)
    {
        var (boot, entries) = Find(id);
        if (entries.Count == 0)
            throw new AuditLogException($"The log has no request with the id \"{id}\".");
        var path = Path.Combine(directory, Checkpoint.FileName(boot));
        var note = File.Exists(path) ? File.ReadAllText(path) : "";
        if (Checkpoint.TryOpen(note, key) is not { } signed)
            throw new AuditLogException($"Boot {boot} has no checkpoint that is signed by the given key, so nothing proves its entries. Run harden audit verify.");
        if (entries.Keys.Max() >= signed.Size)
            throw new AuditLogException(WriterLock.LiveBoot(directory) == signed.BootId
                ? "The request was written after the last checkpoint. There is one every second: try again."
                : "The request was written after the last checkpoint of a gateway that crashed. Nothing proves or disproves it.");
        var paths = Paths(boot, signed, [.. entries.Keys]);
        return new()
        {
            Format = ProofFile.Current,
            Checkpoint = note,
            Entries = [.. entries.Select(e => new ProvenEntry { Entry = Encoding.UTF8.GetString(e.Value), Index = e.Key, Path = paths[e.Key] })],
        };
    }

    private (int Boot, SortedDictionary<long, byte[]> Entries) Find(string id)
    {
        var needle = Encoding.ASCII.GetBytes(id.ToLowerInvariant());
        SortedDictionary<long, byte[]> found = [];
        var (boot, request) = (0, "");
        var segments = SegmentFile.In(directory);
        for (var i = segments.Count - 1; i >= 0 && (boot == 0 || segments[i].Boot == boot); i--)
        {
            foreach (var line in BackwardLines.Read(Path.Combine(directory, segments[i].Name)))
            {
                if (needle.Length == 0 || line.Span.IndexOf(needle) < 0 || AuditEntry.TryParse(line.Span) is not { RequestId.Length: > 0 } entry)
                    continue;
                if (request.Length == 0 && (Same(entry.RequestId, id) || Same(entry.TraceId, id)))
                    (boot, request) = (segments[i].Boot, entry.RequestId);
                if (entry.RequestId == request)
                    found.TryAdd(entry.Seq, line.ToArray());
            }
        }
        return (boot, found);
    }

    private Dictionary<long, IReadOnlyList<byte[]>> Paths(int boot, Checkpoint signed, long[] wanted)
    {
        var stone = Path.Combine(directory, Tombstone.FileName(boot));
        var tombstone = File.Exists(stone) ? Tombstone.TryOpen(File.ReadAllText(stone), key) : null;
        var collectors = wanted.ToDictionary(static i => i, i => new PathCollector(i, signed.Size, tombstone));
        var tree = tombstone?.Tree() ?? new();
        foreach (var segment in SegmentFile.In(directory).Where(s => s.Boot == boot && s.Number > (tombstone?.Segments ?? 0)))
        {
            foreach (var (line, _, _) in ForwardLines.Read(Path.Combine(directory, segment.Name)))
            {
                if (tree.Size == signed.Size)
                    break;
                var leaf = MerkleFrontier.LeafHash(line);
                foreach (var collector in collectors.Values)
                    collector.Pass(tree.Size, leaf);
                tree.AppendHash(leaf);
            }
        }
        if (tree.Size < signed.Size || !tree.Root().AsSpan().SequenceEqual(signed.Root))
            throw new AuditLogException("The log is not what was signed for, so it proves nothing. Run harden audit verify to see what is wrong.");
        return collectors.ToDictionary(static c => c.Key, static c => (IReadOnlyList<byte[]>)[.. c.Value.Path]);
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
