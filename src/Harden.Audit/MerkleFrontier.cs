using System.Numerics;
using System.Security.Cryptography;

namespace Harden.Audit;

/// <summary>
/// The right edge of an RFC 6962 Merkle tree: enough to append leaves and to compute the root, in memory that grows with the
/// logarithm of the size.
/// </summary>
internal sealed class MerkleFrontier
{
    private const int Width = 32;
    private readonly byte[] peaks = new byte[Width * 64]; // one complete subtree for each bit that is set in Size
    private readonly byte[] pair = [1, .. new byte[2 * Width]];
    private byte[] leaf = new byte[4096];

    /// <summary>An empty tree.</summary>
    public MerkleFrontier()
    {
    }

    /// <summary>Goes on from a tree whose leaves are not at hand.</summary>
    /// <param name="size">How many leaves it has.</param>
    /// <param name="hashes">Its complete subtrees as <see cref="Peaks"/> gives them.</param>
    public MerkleFrontier(long size, ReadOnlySpan<byte> hashes)
    {
        Size = size;
        for (var level = 63; level >= 0; level--)
        {
            if ((size >> level & 1) == 0)
                continue;
            hashes[..Width].CopyTo(Peak(level));
            hashes = hashes[Width..];
        }
    }

    /// <summary>How many leaves there are.</summary>
    public long Size { get; private set; }

    /// <summary>Appends the leaf of an entry.</summary>
    /// <param name="entry">The entry's line.</param>
    /// <param name="leafHash">Takes the leaf's hash if it has room.</param>
    public void Append(ReadOnlySpan<byte> entry, Span<byte> leafHash = default)
    {
        if (leaf.Length < entry.Length + 1)
            leaf = new byte[entry.Length + 1024];
        leaf[0] = 0; // RFC 6962 section 2.1: leaves and nodes are hashed apart, so that neither passes for the other
        entry.CopyTo(leaf.AsSpan(1));
        Span<byte> hash = stackalloc byte[Width];
        SHA256.HashData(leaf.AsSpan(0, entry.Length + 1), hash);
        if (!leafHash.IsEmpty)
            hash.CopyTo(leafHash);
        AppendHash(hash);
    }

    /// <summary>Appends a leaf that is already hashed.</summary>
    public void AppendHash(Span<byte> hash)
    {
        var level = 0;
        for (var size = Size; (size & 1) != 0; size >>= 1)
            Node(Peak(level++), hash, hash);
        hash.CopyTo(Peak(level));
        Size++;
    }

    /// <summary>The root: SHA-256 of nothing for the empty tree.</summary>
    public byte[] Root()
    {
        if (Size == 0)
            return SHA256.HashData([]);
        var level = BitOperations.TrailingZeroCount(Size);
        var root = Peak(level).ToArray();
        for (level++; level < 64; level++)
        {
            if ((Size >> level & 1) != 0)
                Node(Peak(level), root, root);
        }
        return root;
    }

    /// <summary>The hashes of its complete subtrees, the largest first: all that is needed to go on.</summary>
    public byte[] Peaks()
    {
        List<byte> hashes = [];
        for (var level = 63; level >= 0; level--)
        {
            if ((Size >> level & 1) != 0)
                hashes.AddRange(Peak(level));
        }
        return [.. hashes];
    }

    /// <summary>Takes over the state of another: how a failed batch is undone.</summary>
    public void CopyFrom(MerkleFrontier other)
    {
        Size = other.Size;
        var used = 64 - BitOperations.LeadingZeroCount((ulong)Size);
        other.peaks.AsSpan(0, used * Width).CopyTo(peaks);
    }

    /// <summary>Hash of an inner node.</summary>
    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => SHA256.HashData([1, .. left, .. right]);

    /// <summary>Hash of a leaf.</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> entry) => SHA256.HashData([0, .. entry]);

    private Span<byte> Peak(int level) => peaks.AsSpan(level * Width, Width);

    private void Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> into)
    {
        left.CopyTo(pair.AsSpan(1));
        right.CopyTo(pair.AsSpan(1 + Width));
        SHA256.HashData(pair, into);
    }
}
