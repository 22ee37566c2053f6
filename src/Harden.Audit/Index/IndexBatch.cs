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

    private readonly Dictionary<long, Row> rows = []; // by id
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
        if (line.RequestId.Length == 0)
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
            row.Own = AuditQuery.IsOwn(new(line.Action, line.Reason));
        row.Words.Add(line);
        if (bodies is not null && line.HasBody)
            row.Words.AddText(bodies(text), MostBodyWords);
    }

    /// <summary>Writes what was gathered; the caller commits.</summary>
    /// <param name="breathe">Called now and then: the place for a pause.</param>
    public void Write(Action breathe)
    {
        var written = 0;
        foreach (var row in rows.Values.OrderBy(static r => r.Id)) // in the order of the table: its pages are then written once
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
        rows.Clear();
        byKey.Clear();
        notices.Clear();
        Count = 0;
    }

    private Row New(LogPlace place, long key, SegmentFile segment, long at, IndexedLine line)
    {
        var row = new Row { Id = place.Pack(), Number = segment.Number, At = at, Time = line.Time.ToUnixTimeMilliseconds(), RequestKey = key, TraceKey = IndexKey.Of(line.TraceId) };
        rows[row.Id] = row;
        byKey[key] = row;
        return row;
    }

    private Row? Known(long key)
    {
        if (statements.Find(key) is not { } row)
            return null;
        rows[row.Id] = row;
        byKey[key] = row;
        return row;
    }

    private static bool IsLater(string stage) => Is(stage, "completion") || Is(stage, "progress");

    private static bool Is(string stage, string name) => stage.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A request as the index has it.</summary>
    internal sealed class Row
    {
        public long Id { get; init; }

        public int Number { get; init; }

        public long At { get; init; }

        public int? EndBoot { get; set; }

        public int? EndNumber { get; set; }

        public long? EndAt { get; set; }

        public long Time { get; init; }

        public IndexState State { get; set; }

        public bool Own { get; set; }

        public long RequestKey { get; init; }

        public long TraceKey { get; init; }

        public IndexWords Words { get; } = new();

        /// <summary>The words it was entered with; null if it is new.</summary>
        public string? Entered { get; init; }
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
