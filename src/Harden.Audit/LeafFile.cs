using System.Globalization;

namespace Harden.Audit;

/// <summary>
/// The leaf hashes of a boot, 32 bytes an entry. Derived and unsigned: it proves nothing by itself, but if its own root is the signed one it
/// tells which single entry was altered.
/// </summary>
internal sealed class LeafFile(string directory, int boot) : IDisposable
{
    private const int Width = 32;
    private FileStream? file = TryOpen(Path.Combine(directory, NameOf(boot)));

    /// <summary>Appends the hashes of entries that are durable. Not worth a failure: without the file, an altered entry is named less exactly.</summary>
    public void Append(ReadOnlySpan<byte> hashes)
    {
        try
        {
            file?.Write(hashes);
        }
        catch (IOException)
        {
            Dispose();
        }
    }

    /// <summary>The first entry whose line is not what was hashed when it was written; null if the file can't tell.</summary>
    /// <param name="directory">The log's directory.</param>
    /// <param name="boot">Ordinal of the boot.</param>
    /// <param name="size">Entries of the tree that was signed.</param>
    /// <param name="root">Its root.</param>
    /// <param name="segments">The boot's segments that are there.</param>
    /// <param name="seq">Place of the first entry in them.</param>
    public static (long Seq, string File, long Line)? FirstDifference(string directory, int boot, long size, byte[] root, List<SegmentFile> segments, long seq)
    {
        var path = Path.Combine(directory, NameOf(boot));
        if (!File.Exists(path))
            return null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length < size * Width || !RootOf(file, size).AsSpan().SequenceEqual(root))
            return null;
        file.Position = seq * Width;
        var hash = new byte[Width];
        foreach (var segment in segments)
        {
            foreach (var (line, number, _) in ForwardLines.Read(Path.Combine(directory, segment.Name)))
            {
                if (seq == size)
                    return null;
                file.ReadExactly(hash);
                if (!MerkleFrontier.LeafHash(line).AsSpan().SequenceEqual(hash))
                    return (seq, segment.Name, number);
                seq++;
            }
        }
        return null;
    }

    public void Dispose()
    {
        file?.Dispose();
        file = null;
    }

    private static byte[] RootOf(FileStream file, long size)
    {
        var tree = new MerkleFrontier();
        var hash = new byte[Width];
        for (long i = 0; i < size; i++)
        {
            file.ReadExactly(hash);
            tree.AppendHash(hash.AsSpan());
        }
        return tree.Root();
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The file's name.</summary>
    public static string NameOf(int boot) => string.Create(CultureInfo.InvariantCulture, $"{boot:D6}.leaves");
}
