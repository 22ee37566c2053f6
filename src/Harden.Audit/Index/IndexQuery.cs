using System.Text;
using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>A query as statements of the index. Finds all that match and perhaps more, newest first, some at a time.</summary>
internal sealed class IndexQuery(AuditQuery query, IReadOnlyList<IndexedSegment> segments)
{
    private readonly string match = IndexMatch.Of(query);

    /// <summary>Hits below an id.</summary>
    /// <param name="connection">The index.</param>
    /// <param name="below">Packed place below which to look.</param>
    /// <param name="most">How many at most.</param>
    public List<IndexHit> Fetch(SqliteConnection connection, long below, int most)
    {
        List<IndexHit> found = [];
        if (Bounds() is { } bounds)
            Fetch(connection, bounds.From, Math.Min(below, bounds.To + 1), most, found);
        if (found.Count < most) // of which only an end is left; they stand before all others
            Fetch(connection, long.MinValue, Math.Min(below, 0), most - found.Count, found);
        return found;
    }

    private void Fetch(SqliteConnection connection, long from, long below, int most, List<IndexHit> found)
    {
        if (from >= below)
            return;
        using var command = connection.CreateCommand();
        command.CommandText = Text(command.Parameters);
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$below", below);
        command.Parameters.AddWithValue("$most", most);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            found.Add(new(row.GetInt64(0), row.GetInt32(1), row.GetInt64(2),
                row.IsDBNull(5) ? null : (new(row.GetInt32(3), row.GetInt32(4)), row.GetInt64(5)), row.GetInt64(6)));
        }
    }

    private string Text(SqliteParameterCollection parameters)
    {
        var text = new StringBuilder("SELECT r.id, r.number, r.at, r.endBoot, r.endNumber, r.endAt, r.requestKey FROM ");
        if (match.Length > 0)
        {
            // CROSS JOIN: the full-text index leads, in its own order, so that the newest are had without sorting.
            text.Append("find CROSS JOIN request r ON r.id = find.rowid WHERE find MATCH $match AND find.rowid >= $from AND find.rowid < $below");
            parameters.AddWithValue("$match", match);
        }
        else
            text.Append("request r WHERE r.id >= $from AND r.id < $below");
        if (query.Id.Length > 0)
        {
            text.Append(" AND (r.requestKey = $id OR r.traceKey = $id)");
            parameters.AddWithValue("$id", IndexKey.Of(query.Id));
        }
        if (SearchWords.IsId(query.Text))
        {
            text.Append(" AND (r.requestKey = $text OR r.traceKey = $text OR r.id IN (SELECT rowid FROM find WHERE find MATCH $word))");
            parameters.AddWithValue("$text", IndexKey.Of(query.Text));
            parameters.AddWithValue("$word", IndexMatch.Beginning(SearchWords.Lower(query.Text)));
        }
        if (query.State is { } state)
            text.Append(state switch { QueryState.Completed => " AND r.state = 1", QueryState.Denied => " AND r.state = 2", _ => " AND r.state = 0" });
        if (query.HideOwn)
            text.Append(" AND r.own = 0");
        if (query.From is { } begin)
        {
            text.Append(" AND r.time >= $begin");
            parameters.AddWithValue("$begin", begin.ToUnixTimeMilliseconds());
        }
        if (query.To is { } end)
        {
            text.Append(" AND r.time <= $end");
            parameters.AddWithValue("$end", end.ToUnixTimeMilliseconds());
        }
        return text.Append(match.Length > 0 ? " ORDER BY find.rowid DESC LIMIT $most" : " ORDER BY r.id DESC LIMIT $most").ToString();
    }

    /// <summary>The places between which times as asked for occur; null if nowhere.</summary>
    private (long From, long To)? Bounds()
    {
        var (begin, end) = (query.From?.ToUnixTimeMilliseconds() ?? long.MinValue, query.To?.ToUnixTimeMilliseconds() ?? long.MaxValue);
        long? from = null, to = null;
        foreach (var segment in segments)
        {
            if (segment.Latest < begin || segment.Earliest > end || segment.First is null)
                continue;
            from = Math.Min(from ?? long.MaxValue, segment.First.Value);
            to = Math.Max(to ?? 0, segment.Last!.Value);
        }
        return from is null ? null : (from.Value, to!.Value);
    }
}

/// <summary>Where a request's entries stand.</summary>
/// <param name="Id">Packed place of the first.</param>
/// <param name="Number">Its segment in its boot.</param>
/// <param name="At">Its place in that.</param>
/// <param name="End">The latest entry, if there is a later one.</param>
/// <param name="RequestKey">Number of the request's id.</param>
internal readonly record struct IndexHit(long Id, int Number, long At, (SegmentFile File, long At)? End, long RequestKey)
{
    public LogPlace Place => LogPlace.Unpack(Id);

    /// <summary>The segment of the first entry.</summary>
    public SegmentFile File => new(Place is { Boot: 0 } lost ? (int)(lost.Seq >> 40) : Place.Boot, Number);
}
