using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>
/// Brings the index up to the log: reads on in the segments where it stopped, and takes out what retention has deleted. For one thread at a time.
/// </summary>
internal sealed class IndexWriter : IDisposable
{
    private const int BatchLines = 32_000;
    private const int Chunk = 1 << 20;

    private readonly string directory;
    private readonly SqliteConnection connection;
    private readonly IndexStatements statements;
    private readonly IndexBatch batch;
    private readonly Func<LogPlace>? durable;
    private readonly SortedDictionary<SegmentFile, IndexedSegment> segments = [];
    private readonly byte[] buffer = new byte[Chunk];
    private readonly IndexedLine read = new();
    private bool begun;

    /// <param name="directory">The log's directory.</param>
    /// <param name="connection">The index, open for writing; disposed with this.</param>
    /// <param name="durable">Place of the next entry to become durable, if a gateway writes in this process: what is not durable is not indexed.</param>
    /// <param name="bodies">Gives the text of the bodies of an entry; null if they are not indexed.</param>
    public IndexWriter(string directory, SqliteConnection connection, Func<LogPlace>? durable = null, Func<ReadOnlyMemory<byte>, string>? bodies = null)
    {
        (this.directory, this.connection, this.durable) = (directory, connection, durable);
        statements = new(connection);
        batch = new(statements, bodies);
        foreach (var segment in IndexedSegment.All(connection))
            segments.Add(segment.File, segment);
    }

    /// <summary>Bytes that are indexed.</summary>
    public long Done { get; private set; }

    /// <summary>Bytes there are.</summary>
    public long Total { get; private set; }

    /// <summary>False if a segment that is indexed is no longer what it was.</summary>
    public bool Fits() => segments.Values.All(s => !File.Exists(Path.Combine(directory, s.File.Name)) || s.Fits(directory));

    /// <summary>Indexes what there is now.</summary>
    /// <param name="breathe">Called now and then, with some ten milliseconds of work between: the place for a pause.</param>
    /// <exception cref="IndexUnfitException">The index is not one of these segments.</exception>
    public void CatchUp(Action breathe, CancellationToken cancel)
    {
        var present = SegmentFile.In(directory);
        RemoveGone(present);
        Measure(present);
        foreach (var file in present)
        {
            cancel.ThrowIfCancellationRequested();
            if (!segments.TryGetValue(file, out var segment))
                segments.Add(file, segment = new(file));
            Follow(segment, breathe, cancel);
        }
        Commit(null, breathe);
    }

    public void Dispose()
    {
        statements.Dispose();
        connection.Dispose();
    }

    private void Follow(IndexedSegment segment, Action breathe, CancellationToken cancel)
    {
        using var file = TryOpen(segment.File);
        if (file is null)
            return; // deleted since it was listed: taken out next time
        var length = RandomAccess.GetLength(file);
        if (length < segment.Bytes)
            throw new IndexUnfitException($"{segment.File.Name} is shorter than what was indexed of it");
        var before = segment.Bytes;
        while (length > segment.Bytes)
        {
            var taken = Take(segment, file);
            if (taken == 0)
                break;
            Done += taken;
            breathe();
            if (batch.Count < BatchLines)
                continue;
            Commit(segment, breathe);
            before = segment.Bytes;
            cancel.ThrowIfCancellationRequested();
        }
        if (segment.Bytes > before)
            statements.Note(segment); // in the transaction that is open since the first line of it
    }

    /// <summary>Takes the whole lines of the next chunk.</summary>
    /// <returns>How many bytes they are.</returns>
    private int Take(IndexedSegment segment, Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var text = buffer.AsMemory(0, RandomAccess.Read(file, buffer, segment.Bytes));
        var end = durable?.Invoke();
        var taken = 0;
        for (int feed; (feed = text.Span[taken..].IndexOf((byte)'\n')) >= 0; taken += feed + 1)
        {
            var line = text.Slice(taken, feed);
            if (!read.TryRead(line.Span))
                continue; // the verifier's business
            if (end is { } limit && segment.File.Boot >= limit.Boot && !(new LogPlace(segment.File.Boot, read.Seq) < limit))
                break;
            Begin();
            batch.Add(segment.File, segment.Bytes + taken, read, line);
            segment.Add(read);
        }
        if (taken == 0 && text.Length == buffer.Length)
            taken = text.Length; // no line is that long
        if (taken > 0)
        {
            segment.Tail = text.Span[Math.Max(0, taken - IndexedSegment.TailLength)..taken].ToArray();
            segment.Bytes += taken;
        }
        return taken;
    }

    private void Begin()
    {
        if (begun)
            return;
        statements.Run("BEGIN IMMEDIATE");
        begun = true;
    }

    private void Commit(IndexedSegment? segment, Action breathe)
    {
        if (!begun)
            return;
        if (segment is not null)
            statements.Note(segment);
        batch.Write(breathe);
        statements.Run("COMMIT");
        begun = false;
        breathe();
    }

    private void Measure(List<SegmentFile> present)
    {
        Total = present.Sum(f => new FileInfo(Path.Combine(directory, f.Name)) is { Exists: true } info ? info.Length : 0);
        Done = segments.Values.Sum(static s => s.Bytes);
    }

    private void RemoveGone(List<SegmentFile> present)
    {
        foreach (var gone in segments.Keys.Except(present).ToList())
        {
            Begin();
            IndexRemoval.Run(statements, connection, directory, segments[gone]);
            segments.Remove(gone);
            Commit(null, static () => { });
        }
    }

    private Microsoft.Win32.SafeHandles.SafeFileHandle? TryOpen(SegmentFile file)
    {
        try
        {
            return File.OpenHandle(Path.Combine(directory, file.Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}

/// <summary>The index is not one of this log, and why. The cure is a new one.</summary>
internal sealed class IndexUnfitException(string message) : Exception(message);
