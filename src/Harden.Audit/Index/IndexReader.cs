using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>
/// Searches by the index as it is. It says where to look; what is given out is read from the log itself, and <see cref="AuditQuery"/> decides.
/// </summary>
/// <param name="directory">The log's directory.</param>
/// <param name="path">The index.</param>
/// <param name="liveBoot">The boot that is still writing, if the caller knows; else found by the writer's lock.</param>
internal sealed class IndexReader(string directory, string path, Func<string?>? liveBoot = null)
{
    private const int MostAtOnce = 8192; // hits in memory

    /// <summary>Requests that match, newest first, read as they are enumerated.</summary>
    /// <param name="query">Which.</param>
    /// <param name="after">The one after which to begin.</param>
    /// <param name="about">How many are wanted at first.</param>
    /// <exception cref="IndexUnfitException">The index does not fit the log.</exception>
    public IEnumerable<AuditView> Read(AuditQuery query, LogPlace? after, int about)
    {
        var live = liveBoot?.Invoke() ?? WriterLock.LiveBoot(directory);
        using var lines = new LineReader(directory);
        var below = after?.Pack() ?? long.MaxValue;
        for (var most = about; ; most = Math.Min(most * 4, MostAtOnce))
        {
            var (hits, bodies) = Fetch(query, below, most);
            foreach (var hit in hits)
            {
                if (View(hit, lines, live) is { } view && (bodies ? query.MatchesAllButText(view) : query.Matches(view)))
                    yield return view;
            }
            if (hits.Count < most)
                yield break;
            below = hits[^1].Id;
        }
    }

    /// <summary>The log's own entries, newest first.</summary>
    public List<(LogPlace Place, AuditEntry Entry)> Notices(LogPlace? after, int most)
    {
        using var connection = IndexFile.OpenForReading(path);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, number, at FROM notice WHERE id < $below ORDER BY id DESC LIMIT $most";
        command.Parameters.AddWithValue("$below", after?.Pack() ?? long.MaxValue);
        command.Parameters.AddWithValue("$most", most);
        using var row = command.ExecuteReader();
        using var lines = new LineReader(directory);
        List<(LogPlace, AuditEntry)> found = [];
        while (row.Read())
        {
            var place = LogPlace.Unpack(row.GetInt64(0));
            if (lines.Entry(new(place.Boot, row.GetInt32(1)), row.GetInt64(2)) is { } entry)
                found.Add((place, entry));
        }
        return found;
    }

    // A connection for each look, and none while the reader thinks: an open statement would keep the write-ahead log from being taken in.
    private (List<IndexHit> Hits, bool Bodies) Fetch(AuditQuery query, long below, int most)
    {
        using var connection = IndexFile.OpenForReading(path);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT bodies FROM about";
        var bodies = command.ExecuteScalar() is not 0L && query.Text.Length > 0 && !SearchWords.IsId(query.Text);
        return (new IndexQuery(query, IndexedSegment.All(connection)).Fetch(connection, below, most), bodies);
    }

    private static AuditView? View(IndexHit hit, LineReader lines, string? live)
    {
        if (lines.Read(hit.File, hit.At) is not { } line)
            return null; // its segment was deleted since
        if (AuditEntry.TryParse(line) is not { } begin || IndexKey.Of(begin.RequestId) != hit.RequestKey)
            throw new IndexUnfitException($"{hit.File.Name} is not what was indexed");
        var last = hit.End is { } end ? lines.Entry(end.File, end.At) : null;
        return AuditView.Join(begin, last, begin.BootId == live) with { Place = hit.Place };
    }
}
