namespace Harden.Audit;

/// <summary>The lines of a file from its end to its start, read in chunks: the newest of a large log are reached at once.</summary>
internal static class BackwardLines
{
    private const int Chunk = 256 * 1024;

    /// <summary>Whole lines without their line feed, last first. What follows the last line feed is a line being written and is left out.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(string path)
    {
        foreach (var (line, _) in ReadPlaces(path))
            yield return line;
    }

    /// <summary>The same with the place in the file where each line's line feed ends.</summary>
    public static IEnumerable<(ReadOnlyMemory<byte> Line, long End)> ReadPlaces(string path)
    {
        using var file = TryOpen(path);
        if (file is null)
            yield break;
        var start = RandomAccess.GetLength(file);
        var buffer = new byte[Chunk];
        var length = 0; // bytes at the front of the buffer: the file from start on, as far as its lines have not been given out
        var (ended, tooLong) = (false, false);
        while (start > 0)
        {
            var take = (int)Math.Min(Chunk, start);
            if (buffer.Length < length + take)
                Array.Resize(ref buffer, length + take);
            buffer.AsSpan(0, length).CopyTo(buffer.AsSpan(take));
            start -= take;
            ReadFully(file, buffer.AsSpan(0, take), start);
            length += take;
            while (length > 0)
            {
                if (!ended)
                {
                    length = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
                    if (length == 0)
                        break;
                    ended = true;
                }
                var feed = buffer.AsSpan(0, length - 1).LastIndexOf((byte)'\n');
                if (feed < 0 && start > 0)
                {
                    // The line begins in the chunk before. If it is too long for an entry, only its line feed is kept.
                    if (length > ForwardLines.Longest)
                        (buffer[0], length, tooLong) = ((byte)'\n', 1, true);
                    break;
                }
                var whole = !tooLong;
                tooLong = false;
                if (whole && length - 2 > feed)
                    yield return (buffer.AsMemory(feed + 1, length - 2 - feed), start + length);
                length = feed + 1;
            }
        }
    }

    // Retention may have deleted it since it was listed; the verifier reads forward and does not pass over that.
    private static Microsoft.Win32.SafeHandles.SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static void ReadFully(Microsoft.Win32.SafeHandles.SafeFileHandle file, Span<byte> into, long at)
    {
        while (into.Length > 0)
        {
            var read = RandomAccess.Read(file, into, at);
            if (read == 0)
                throw new EndOfStreamException("The segment became shorter while it was read.");
            into = into[read..];
            at += read;
        }
    }
}
