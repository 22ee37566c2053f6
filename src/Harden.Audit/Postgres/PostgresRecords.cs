using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace Harden.Audit.Postgres;

/// <summary>The record of every replica that ships to this database.</summary>
internal sealed class PostgresRecords(NpgsqlDataSource source) : IAuditRecords
{
    private const int MostOfATrace = 100;
    private const int Chunk = 500;

    private const string Rows = """
        select r.at, r.log_id, r.boot, r.seq, b.line, e.line,
            exists (select 1 from harden.log l where l.log_id = r.log_id and l.live_boot_id = r.boot_id and l.seen > now() - interval '2 minutes')
        from harden.request r
        join harden.entry b on b.log_id = r.log_id and b.boot = r.boot and b.seq = r.seq and b.time = r.time
        left join harden.entry e on e.log_id = r.log_id and e.boot = r.last_boot and e.seq = r.last_seq and e.time = r.last_time
        """;

    public string Remark => "";

    public async Task<AuditPage> SearchAsync(AuditQuery query, string? after, int size, CancellationToken cancel)
    {
        List<AuditView> found = [];
        await foreach (var view in ReadAsync(query, FleetPlace.Parse(after), Math.Min(size + 1, Chunk), cancel))
        {
            if (found.Count == size)
                return new(found, found[^1].Cursor);
            found.Add(view);
        }
        return new(found, null);
    }

    public async Task<IReadOnlyList<AuditView>> FindAsync(string id, CancellationToken cancel)
    {
        if (id.Length == 0)
            return [];
        List<AuditView> found = [];
        await foreach (var view in ReadAsync(new() { Id = id }, null, MostOfATrace, cancel))
        {
            found.Add(view);
            if (found.Count == MostOfATrace || view.Entry.RequestId.Equals(id, StringComparison.OrdinalIgnoreCase))
                break;
        }
        return found;
    }

    public async Task<AuditCount> CountAsync(AuditQuery query, int most, CancellationToken cancel)
    {
        long count = 0;
        await foreach (var _ in ReadAsync(query, null, Chunk, cancel))
        {
            if (count == most)
                return new(count, true);
            count++;
        }
        return new(count, false);
    }

    public async Task<AuditNotices> NoticesAsync(string? after, int size, CancellationToken cancel)
    {
        var place = FleetPlace.Parse(after);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand($"""
            select at, log_id, boot, seq, line from harden.entry where is_notice {(place is null ? "" : "and (at, log_id, boot, seq) < ($2, $3, $4, $5)")}
            order by at desc, log_id desc, boot desc, seq desc limit $1
            """, connection);
        command.Parameters.Add(new() { Value = size + 1 });
        foreach (var value in place?.Values ?? [])
            command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        List<AuditEntry> found = [];
        FleetPlace? last = null;
        while (await reader.ReadAsync(cancel))
        {
            if (found.Count == size)
                return new(found, last!.ToString());
            last = PlaceOf(reader);
            if (Parse(reader.GetString(4)) is { } entry)
                found.Add(entry);
        }
        return new(found, null);
    }

    public IAsyncEnumerable<AuditView> ReadAsync(AuditQuery query, CancellationToken cancel) => ReadAsync(query, null, Chunk, cancel);

    // By pages and not by one long statement: that would hold a snapshot for as long as somebody takes to read an export.
    private async IAsyncEnumerable<AuditView> ReadAsync(AuditQuery query, FleetPlace? after, int chunk, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var more = true; more;)
        {
            var (page, last, rows) = await PageAsync(query, after, chunk, cancel);
            foreach (var view in page)
            {
                if (query.MatchesAllButText(view))
                    yield return view;
            }
            (after, more) = (last, rows == chunk);
            chunk = Chunk;
        }
    }

    private async Task<(List<AuditView> Page, FleetPlace? Last, int Rows)> PageAsync(AuditQuery query, FleetPlace? after, int size, CancellationToken cancel)
    {
        var filter = new PostgresFilter(query);
        if (after is not null)
            filter.Add("(r.at, r.log_id, r.boot, r.seq) < ({0}, {1}, {2}, {3})", after.Values);
        filter.Values.Add(size);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var command = filter.Command(connection, $"{Rows} where {filter.Sql} order by r.at desc, r.log_id desc, r.boot desc, r.seq desc limit ${filter.Values.Count}");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        List<AuditView> page = [];
        FleetPlace? last = null;
        var rows = 0;
        for (; await reader.ReadAsync(cancel); rows++)
        {
            last = PlaceOf(reader);
            var end = reader.IsDBNull(5) ? null : Parse(reader.GetString(5));
            if (Parse(reader.GetString(4)) is { } begin)
                page.Add(AuditView.Join(begin, end, reader.GetBoolean(6)) with { Place = new(reader.GetInt32(2), reader.GetInt64(3)), Cursor = last.ToString() });
        }
        return (page, last, rows);
    }

    private static FleetPlace PlaceOf(NpgsqlDataReader reader) => new(reader.GetDateTime(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3));

    private static AuditEntry? Parse(string line) => AuditEntry.TryParse(Encoding.ASCII.GetBytes(line));
}
