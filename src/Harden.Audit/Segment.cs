using Harden.Audit.Bodies;

namespace Harden.Audit;

/// <summary>The open end of the log: a file of lines and, once an entry has a body, a file of sealed bodies beside it.</summary>
internal sealed class Segment : IDisposable
{
    private readonly string directory;
    private readonly List<ReadOnlyMemory<byte>> frames = [];

    private Segment(string directory, SegmentFile file)
    {
        (this.directory, File) = (directory, file);
        Lines = AppendFile.Create(Path.Combine(directory, file.Name));
    }

    public SegmentFile File { get; }

    public AppendFile Lines { get; }

    public AppendFile? Bodies { get; private set; }

    /// <summary>Length of the longer of the two.</summary>
    public long Length => Math.Max(Lines.Length, Bodies?.Length ?? 0);

    /// <summary>A descriptor can't be trusted any more: the only way on is a new segment.</summary>
    public bool Poisoned => Lines.Poisoned || Bodies is { Poisoned: true };

    /// <summary>Creates the files, readable by their owner only. Throws if there are such already: nothing is ever overwritten.</summary>
    public static Segment Create(string directory, SegmentFile file) => new(directory, file);

    /// <summary>
    /// Writes the bodies of entries and makes them durable, so that no entry is ever on disk before the bodies it names; tells each entry
    /// where they are.
    /// </summary>
    public void WriteBodies(List<PendingEntry> entries)
    {
        frames.Clear();
        var end = Bodies?.Length ?? 0;
        foreach (var entry in entries)
        {
            for (var i = 0; i < entry.BodyCount; i++)
            {
                frames.Add(entry.PlaceBody(i, new(File, end)));
                end += frames[^1].Length;
            }
        }
        if (frames.Count == 0)
            return;
        if (Bodies is null)
        {
            Bodies = AppendFile.Create(Path.Combine(directory, File.BodiesName));
            Disk.SyncDirectory(directory);
        }
        Bodies.Write(frames, (int)(end - Bodies.Length));
        Bodies.Sync();
    }

    public void Dispose()
    {
        Lines.Dispose();
        Bodies?.Dispose();
    }
}
