namespace Harden.Audit.Proof;

/// <summary>Inclusion proofs of RFC 6962: the hashes beside a leaf's way to the root.</summary>
internal static class MerklePath
{
    /// <summary>The subtrees whose roots are the path of a leaf, from the leaf up.</summary>
    public static List<(long From, long To)> Subtrees(long index, long size)
    {
        List<(long From, long To)> beside = [];
        for (long from = 0, to = size; to - from > 1;)
        {
            var half = 1L << (63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)(to - from - 1)));
            if (index < from + half)
            {
                beside.Add((from + half, to));
                to = from + half;
            }
            else
            {
                beside.Add((from, from + half));
                from += half;
            }
        }
        beside.Reverse();
        return beside;
    }

    /// <summary>The root that a path leads to; null if its length can't be right. RFC 9162 section 2.1.3.2.</summary>
    public static byte[]? Root(byte[] leaf, long index, long size, IEnumerable<byte[]> path)
    {
        if (index < 0 || index >= size)
            return null;
        var (at, last, hash) = (index, size - 1, leaf);
        foreach (var beside in path)
        {
            if (last == 0)
                return null;
            if ((at & 1) == 1 || at == last)
            {
                hash = MerkleFrontier.NodeHash(beside, hash);
                for (; (at & 1) == 0 && at != 0; last >>= 1)
                    at >>= 1;
            }
            else
                hash = MerkleFrontier.NodeHash(hash, beside);
            at >>= 1;
            last >>= 1;
        }
        return last == 0 ? hash : null;
    }
}
