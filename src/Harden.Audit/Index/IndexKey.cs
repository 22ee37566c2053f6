using System.Globalization;

namespace Harden.Audit.Index;

/// <summary>Ids as numbers of 64 bits, half the size of what they stand for. Two ids may share one; whoever looks one up compares the id itself.</summary>
internal static class IndexKey
{
    /// <summary>
    /// The number of an id. Of a version 7 UUID, as request ids are, the low bits of its milliseconds and the last of its random ones: what comes later is mostly
    /// greater, so that an index over them grows at its end.
    /// </summary>
    public static long Of(ReadOnlySpan<char> id)
    {
        if (id.Length == 32
            && uint.TryParse(id.Slice(4, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var early)
            && uint.TryParse(id[24..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var late))
            return (long)(((ulong)early << 32) | late);
        var hash = 14695981039346656037UL; // FNV-1a
        foreach (var c in id)
            hash = (hash ^ char.ToLowerInvariant(c)) * 1099511628211UL;
        return (long)hash;
    }
}
