namespace Harden.Audit;

/// <summary>The lines of a file from its start, one at a time however long the file.</summary>
internal static class ForwardLines
{
    /// <summary>No entry is as long as this. Who may write there may have put a line of gigabytes there, and that must not fill the reader's memory.</summary>
    public const int Longest = 1 << 18;

    /// <summary>Each line with its number from 1, and whether a line feed ends it. A last line without one is given as not whole; of a line that is too long for an entry, the beginning.</summary>
    public static IEnumerable<(byte[] Line, long Number, bool Whole)> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        var buffer = new byte[Longest];
        byte[]? tooLong = null;
        var length = 0;
        for (long number = 1; ;)
        {
            var read = file.Read(buffer, length, buffer.Length - length);
            length += read;
            var from = 0;
            for (int feed; (feed = buffer.AsSpan(from, length - from).IndexOf((byte)'\n')) >= 0; from += feed + 1)
            {
                yield return (tooLong ?? buffer[from..(from + feed)], number++, true);
                tooLong = null;
            }
            buffer.AsSpan(from, length - from).CopyTo(buffer);
            length -= from;
            if (read == 0)
            {
                if (tooLong is not null || length > 0)
                    yield return (tooLong ?? buffer[..length], number, false);
                yield break;
            }
            if (length == buffer.Length)
            {
                tooLong ??= buffer[..];
                length = 0;
            }
        }
    }
}
