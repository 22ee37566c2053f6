namespace Harden.Audit;

/// <summary>
/// After a crash the last segment may end in half a line or in blocks of zeros. What follows the last whole entry is moved to a
/// file beside it, so that nothing is destroyed, and reported.
/// </summary>
internal static class TailRepair
{
    /// <summary>Repairs the last segment.</summary>
    /// <returns>How many bytes were moved, and where to; null if the tail is whole.</returns>
    public static (long Bytes, string File)? Run(string directory, SegmentFile last)
    {
        var path = Path.Combine(directory, last.Name);
        var length = new FileInfo(path).Length;
        var whole = WholeLength(path);
        if (whole == length)
            return null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return MoveAside(file, whole, directory, last.Name);
    }

    /// <summary>Moves what stands behind the last whole part of a file to a file beside it.</summary>
    public static (long Bytes, string File) MoveAside(FileStream file, long whole, string directory, string name)
    {
        var moved = file.Length - whole;
        var aside = $"{name}.torn";
        for (var i = 2; File.Exists(Path.Combine(directory, aside)); i++)
            aside = $"{name}.torn-{i}";
        using (var torn = new FileStream(Path.Combine(directory, aside), FileMode.CreateNew, FileAccess.Write))
        {
            file.Position = whole;
            file.CopyTo(torn);
            torn.Flush(flushToDisk: true);
        }
        file.SetLength(whole);
        file.Flush(flushToDisk: true);
        return (moved, aside);
    }

    private static long WholeLength(string path)
    {
        foreach (var (line, end) in BackwardLines.ReadPlaces(path))
        {
            if (EntryFrame.IsWhole(line.Span))
                return end;
        }
        return 0;
    }
}
