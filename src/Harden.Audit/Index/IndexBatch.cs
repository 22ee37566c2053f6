using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>
/// Lines on their way into the index, gathered so that a request whose intent and completion come together is entered once. All of a batch is committed
/// together with how far the segments have been read, or none.
/// </summary>
internal sealed class IndexBatch(IndexStatements statements, Func<ReadOnlyMemory<byte>, string>? bodies)
{
    private const int MostBodyWords = 4096;
    private const int RowsInABreath = 512;

    private const int Spare = 1024; // rows

    // Rows are used again, batch after batch: thousands of new ones, kept until the batch is written, would be what each garbage collection has to carry along
    // while all requests stand still.
    private readonly List<Row> rows = [];
    private readonly Stack<Row> spare = [];
    private readonly Dictionary<long, Row> byKey = [];
    private readonly List<(long Id, int Number, long At)> notices = [];

    /// <summary>Lines taken since the last commit.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a line.</summary>
    /// <param name="segment">The segment it stands in.</param>
    /// <param name="at">Where in that.</param>
    /// <param name="line">What it says.</param>
    /// <param name="text">The line itself.</param>
    public void Add(SegmentFile segment, long at, IndexedLine line, ReadOnlyMemory<byte> text)
    {
        Count++;
        var place = new LogPlace(segment.Boot, line.Seq);
        if (line.RequestId.IsEmpty)
        {
            if (line.IsNotice)
                notices.Add((place.Pack(), segment.Number, at));
            return;
        }
        var key = IndexKey.Of(line.RequestId);
        Row row;
        if (IsLater(line.Stage))
        {
            var known = byKey.GetValueOrDefault(key) ?? Known(key);
            row = known ?? New(place.WithoutIntent(), key, segment, at, line);
            if (known is not null)
                (row.EndBoot, row.EndNumber, row.EndAt) = (segment.Boot, segment.Number, at);
            if (Is(line.Stage, "completion"))
                row.State = IndexState.Completed;
        }
        else
        {
            row = New(place, key, segment, at, line);
            row.State = Is(line.Stage, "denial") ? IndexState.Denied : IndexState.Open;
        }
        if (line.Action.Length > 0)
            row.Own = AuditQuery.IsOwn(line.Action, line.Reason);
        row.Words.Add(line);
        if (bodies is not null && line.HasBody)
            row.Words.AddBody(bodies(text), MostBodyWords);
    }

    /// <summary>Writes what was gathered; the caller commits.</summary>
    /// <param name="breathe">Called now and then: the place for a pause.</param>
    public void Write(Action breathe)
    {
        var written = 0;
        rows.Sort(static (one, other) => one.Id.CompareTo(other.Id)); // the order of the table: its pages are then written once
        foreach (var row in rows)
        {
            statements.Enter(row);
            if (++written % RowsInABreath == 0)
                breathe();
        }
        foreach (var (id, number, at) in notices)
            statements.EnterNotice(id, number, at);
        Clear();
    }

    /// <summary>Forgets what was gathered.</summary>
    public void Clear()
    {
        var most = Math.Max(Spare, rows.Count * 2); // a burst is not remembered for ever
        foreach (var row in rows)
            spare.Push(row);
        while (spare.Count > most)
            spare.Pop();
        rows.Clear();
        byKey.Clear();
        notices.Clear();
        Count = 0;
    }

    private Row New(LogPlace place, long key, SegmentFile segment, long at, IndexedLine line)
    {
        var row = Empty();
        (row.Id, row.Number, row.At, row.Time) = (place.Pack(), segment.Number, at, line.Time.ToUnixTimeMilliseconds());
        (row.RequestKey, row.TraceKey) = (key, IndexKey.Of(line.TraceId));
        return Take(row);
    }

    private Row? Known(long key)
    {
        var row = Empty();
        if (statements.Find(key, row))
            return Take(row);
        spare.Push(row);
        return null;
    }

    private Row Take(Row row)
    {
        rows.Add(row);
        byKey[row.RequestKey] = row;
        return row;
    }

    private Row Empty()
    {
        if (!spare.TryPop(out var row))
            return new();
        row.Clear();
        return row;
    }

    private static bool IsLater(ReadOnlySpan<char> stage) => Is(stage, "completion") || Is(stage, "progress");

    private static bool Is(ReadOnlySpan<char> stage, string name) => stage.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A request as the index has it.</summary>
    internal sealed class Row
    {
        public long Id { get; set; }

        public int Number { get; set; }

        public long At { get; set; }

        public int? EndBoot { get; set; }

        public int? EndNumber { get; set; }

        public long? EndAt { get; set; }

        public long Time { get; set; }

        public IndexState State { get; set; }

        public bool Own { get; set; }

        public long RequestKey { get; set; }

        public long TraceKey { get; set; }

        public IndexWords Words { get; } = new();

        /// <summary>How many bytes of the words it was entered with; null if it is new.</summary>
        public int? Entered { get; set; }

        /// <summary>Makes it as if it were new.</summary>
        public void Clear()
        {
            (EndBoot, EndNumber, EndAt, State, Own, Entered) = (null, null, null, IndexState.Open, false, null);
            Words.Clear();
        }
    }
}

/// <summary>How far a request got, as the index has it.</summary>
internal enum IndexState
{
    /// <summary>No end is on record.</summary>
    Open,

    /// <summary>Its completion is on record.</summary>
    Completed,

    /// <summary>It is one entry.</summary>
    Denied,
}
