using Microsoft.Win32.SafeHandles;

namespace Harden.Audit.Index;

/// <summary>Single lines of segments, by their place in the file.</summary>
internal sealed class LineReader(string directory) : IDisposable
{
    private const int Most = 16; // open files

    private readonly Dictionary<SegmentFile, SafeFileHandle?> files = [];
    private byte[] buffer = new byte[4096];

    /// <summary>The line that begins there, without its line feed; null if the file is gone or has none there.</summary>
    public byte[]? Read(SegmentFile segment, long at)
    {
        if (Open(segment) is not { } file)
            return null;
        while (true)
        {
            var read = RandomAccess.Read(file, buffer, at);
            var feed = buffer.AsSpan(0, read).IndexOf((byte)'\n');
            if (feed >= 0)
                return buffer[..feed];
            if (read < buffer.Length || buffer.Length > EntryFrame.MaxLine)
                return null;
            buffer = new byte[EntryFrame.MaxLine + 1];
        }
    }

    /// <summary>The entry that begins there; null if there is none.</summary>
    public AuditEntry? Entry(SegmentFile segment, long at) => Read(segment, at) is { } line ? AuditEntry.TryParse(line) : null;

    public void Dispose()
    {
        foreach (var file in files.Values)
            file?.Dispose();
        files.Clear();
    }

    private SafeFileHandle? Open(SegmentFile segment)
    {
        if (files.TryGetValue(segment, out var file))
            return file;
        if (files.Count == Most)
            Dispose();
        try
        {
            file = File.OpenHandle(Path.Combine(directory, segment.Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            file = null; // deleted by retention; the index hears of it soon
        }
        return files[segment] = file;
    }
}
