namespace Harden.Audit.Proof;

/// <summary>Collects the path of one leaf while all leaves pass by once, in memory that doesn't grow with the tree.</summary>
internal sealed class PathCollector
{
    private readonly List<(long From, long To)> subtrees;
    private readonly MerkleFrontier[] trees;

    /// <param name="index">The leaf.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="tombstone">What stands for the first of them, if they are deleted.</param>
    public PathCollector(long index, long size, Tombstone? tombstone)
    {
        subtrees = MerklePath.Subtrees(index, size);
        trees = new MerkleFrontier[subtrees.Count];
        for (var i = 0; i < trees.Length; i++)
            trees[i] = tombstone is null ? new() : Deleted(subtrees[i], tombstone);
    }

    /// <summary>The path, when all leaves have passed.</summary>
    public IEnumerable<byte[]> Path => trees.Select(static t => t.Root());

    /// <summary>The next leaf.</summary>
    public void Pass(long index, byte[] leaf)
    {
        for (var i = 0; i < trees.Length; i++)
        {
            if (index < subtrees[i].From || index >= subtrees[i].To)
                continue;
            trees[i].AppendHash(leaf.ToArray()); // overwritten on its way up
            return;
        }
    }

    // Of the deleted leaves' complete subtrees those that lie in this one.
    private static MerkleFrontier Deleted((long From, long To) subtree, Tombstone tombstone)
    {
        if (subtree.From >= tombstone.Size)
            return new();
        List<byte> hashes = [];
        long start = 0;
        for (int level = 63, at = 0; level >= 0; level--)
        {
            if ((tombstone.Size >> level & 1) == 0)
                continue;
            if (start >= subtree.From && start < subtree.To)
                hashes.AddRange(tombstone.Peaks.AsSpan(at, 32));
            at += 32;
            start += 1L << level;
        }
        return new(Math.Min(subtree.To, tombstone.Size) - subtree.From, hashes.ToArray());
    }
}
