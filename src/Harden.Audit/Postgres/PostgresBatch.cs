using Npgsql;
using NpgsqlTypes;

namespace Harden.Audit.Postgres;

/// <summary>
/// Puts some lines of one log into the database and says how far that log has come, in one transaction: however often it is tried again, no line is
/// there twice and none is missing.
/// </summary>
internal static class PostgresBatch
{
    private const string Staging = """
        create temp table if not exists incoming (
            boot int, seq bigint, time timestamptz, at timestamptz, is_notice boolean, line text, part smallint, boot_id text, request_id text, trace_id text,
            method text, path text, status int, subject text, client text, action text, reason text, rule text, lim text, words text[], user_words text[], denied boolean
        ) on commit delete rows
        """;

    private const string Insert = """
        insert into harden.entry (log_id, boot, seq, time, at, is_notice, line)
            select $1, boot, seq, time, at, is_notice, line from incoming
            on conflict do nothing;
        """;

    private const string Begin = """
        insert into harden.request (log_id, boot, seq, time, at, boot_id, request_id, trace_id, done, denied, method, path, status, subject, client, action, reason, rule, lim, words, user_words)
            select $1, boot, seq, time, at, boot_id, request_id, trace_id, denied, denied, method, path, coalesce(status, 0), subject, client,
                coalesce(action, ''), coalesce(reason, ''), coalesce(rule, ''), coalesce(lim, ''), array_to_tsvector(words), array_to_tsvector(user_words)
            from incoming where part = 0
            on conflict do nothing;
        """;

    // The latest entry of a request says how it stands; what it does not mention stays as it was.
    private const string End = """
        with latest as (select distinct on (request_id) * from incoming where part > 0 order by request_id, boot desc, seq desc)
        update harden.request r set last_boot = l.boot, last_seq = l.seq, last_time = l.time, done = r.done or l.part = 2, status = coalesce(l.status, r.status),
                action = coalesce(l.action, r.action), reason = coalesce(l.reason, r.reason), rule = coalesce(l.rule, r.rule), lim = coalesce(l.lim, r.lim)
            from latest l
            where r.log_id = $1 and r.request_id = l.request_id and (r.boot, r.seq) <> (l.boot, l.seq)
                and (r.last_seq is null or (r.last_boot, r.last_seq) < (l.boot, l.seq));
        """;

    // A request of which only the end is left, because the file with its beginning was gone before it could be shipped.
    private const string Orphans = """
        insert into harden.request (log_id, boot, seq, time, at, boot_id, request_id, trace_id, done, denied, method, path, status, subject, client, action, reason, rule, lim, words, user_words)
            select distinct on (request_id) $1, boot, seq, time, at, boot_id, request_id, trace_id, part = 2, false, method, path, coalesce(status, 0), subject, client,
                coalesce(action, ''), coalesce(reason, ''), coalesce(rule, ''), coalesce(lim, ''), array_to_tsvector(words), array_to_tsvector(user_words)
            from incoming i where part > 0 and not exists (select 1 from harden.request r where r.log_id = $1 and r.request_id = i.request_id)
            order by request_id, boot desc, seq desc
            on conflict do nothing;
        """;

    /// <summary>Makes a connection fit for batches.</summary>
    public static Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancel) => RunAsync(connection, Staging, cancel);

    /// <summary>Writes a batch.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, string logId, IReadOnlyList<ShippedEntry> entries, LogPosition since, LogPosition reached, string? liveBoot, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        foreach (var month in entries.Select(static e => new DateOnly(e.Time.Year, e.Time.Month, 1)).Distinct())
            await PostgresSchema.AddMonthAsync(connection, month, cancel);
        if (entries.Count > 0)
        {
            await CopyAsync(connection, entries, cancel);
            foreach (var sql in (string[])[Insert, Begin, End, Orphans])
                await RunAsync(connection, sql, cancel, logId);
            await WriteBodiesAsync(connection, logId, entries, cancel);
        }
        var moved = await RunAsync(connection, """
            insert into harden.log (log_id, boot, segment, byte_offset, at, live_boot_id, seen) values ($1, $2, $3, $4, $5, $6, now())
            on conflict (log_id) do update set boot = excluded.boot, segment = excluded.segment, byte_offset = excluded.byte_offset, at = excluded.at,
                live_boot_id = excluded.live_boot_id, seen = excluded.seen
                where (log.boot, log.segment, log.byte_offset) = ($7, $8, $9)
            """, cancel, logId, reached.File.Boot, reached.File.Number, reached.Offset, reached.At, (object?)liveBoot ?? DBNull.Value, since.File.Boot, since.File.Number, since.Offset);
        if (moved == 0)
            throw new AuditLogException("Somebody else ships a log with the same id to PostgreSQL.");
        await transaction.CommitAsync(cancel);
    }

    /// <summary>How far a log has come; its beginning if nothing has been shipped.</summary>
    public static async Task<LogPosition> ReachedAsync(NpgsqlConnection connection, string logId, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select boot, segment, byte_offset, at from harden.log where log_id = $1", connection) { Parameters = { new() { Value = logId } } };
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new(new(reader.GetInt32(0), reader.GetInt32(1)), reader.GetInt64(2), new(reader.GetDateTime(3), TimeSpan.Zero))
            : LogPosition.Start;
    }

    /// <summary>Id of a boot as the database knows it; null if it has none of its entries.</summary>
    public static async Task<string?> BootIdAsync(NpgsqlConnection connection, string logId, int boot, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select line from harden.entry where log_id = $1 and boot = $2 order by seq limit 1", connection) { Parameters = { new() { Value = logId }, new() { Value = boot } } };
        return await command.ExecuteScalarAsync(cancel) is string line ? AuditEntry.TryParse(System.Text.Encoding.UTF8.GetBytes(line))?.BootId : null;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, IReadOnlyList<ShippedEntry> entries, CancellationToken cancel)
    {
        await using var copy = await connection.BeginBinaryImportAsync("copy incoming from stdin (format binary)", cancel);
        foreach (var shipped in entries)
        {
            var entry = shipped.Entry;
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(shipped.Boot, NpgsqlDbType.Integer, cancel);
            await copy.WriteAsync(entry.Seq, NpgsqlDbType.Bigint, cancel);
            await copy.WriteAsync(shipped.Time, NpgsqlDbType.TimestampTz, cancel);
            await copy.WriteAsync(shipped.At.UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
            await copy.WriteAsync(entry.Notice is not null, NpgsqlDbType.Boolean, cancel);
            await copy.WriteAsync(shipped.Line, NpgsqlDbType.Text, cancel);
            await WriteAsync(copy, shipped.Part, NpgsqlDbType.Smallint, cancel);
            await copy.WriteAsync(entry.BootId, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(Text(entry.RequestId), NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(Text(entry.TraceId), NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(Text(entry.Http?.Method), NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(Text(entry.Http?.Path), NpgsqlDbType.Text, cancel);
            await WriteAsync(copy, entry.Http?.Status, NpgsqlDbType.Integer, cancel);
            await copy.WriteAsync(Text(entry.Actor?.Subject), NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(Text(entry.Source?.Client), NpgsqlDbType.Text, cancel);
            foreach (var value in (string?[])[entry.Decision?.Action, entry.Decision?.Reason, entry.Decision is { } d ? d.Rule ?? "" : null, entry.Decision is { } e ? e.Limit ?? "" : null])
            {
                if (value is null)
                    await copy.WriteNullAsync(cancel);
                else
                    await copy.WriteAsync(Text(value), NpgsqlDbType.Text, cancel);
            }
            await copy.WriteAsync(shipped.Words, NpgsqlDbType.Array | NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(shipped.UserWords, NpgsqlDbType.Array | NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(entry.Stage == EntryStage.Denial, NpgsqlDbType.Boolean, cancel);
        }
        await copy.CompleteAsync(cancel);
    }

    private static Task WriteBodiesAsync(NpgsqlConnection connection, string logId, IReadOnlyList<ShippedEntry> entries, CancellationToken cancel)
    {
        var bodies = entries.SelectMany(static entry => entry.Bodies.Select(body => (body.Place, entry.Time, body.Frame))).ToArray();
        return bodies.Length == 0 ? Task.CompletedTask : RunAsync(connection, """
            insert into harden.body (log_id, place, time, frame) select $1, * from unnest($2, $3, $4) on conflict do nothing
            """, cancel, logId, bodies.Select(static b => b.Place).ToArray(), bodies.Select(static b => b.Time).ToArray(), bodies.Select(static b => b.Frame).ToArray());
    }

    private static Task WriteAsync<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancel)
        where T : struct => value is { } known ? copy.WriteAsync(known, type, cancel) : copy.WriteNullAsync(cancel);

    // PostgreSQL's text has no NUL, and a path may: the line itself keeps it, escaped. Letter case never counts in a search.
    private static string Text(string? text) => text is null ? "" : text.Replace('\0', '\ufffd').ToLowerInvariant();

    /// <summary>Runs a statement and says how many rows it wrote.</summary>
    public static async Task<int> RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value is DateTimeOffset time ? time.UtcDateTime : value });
        return await command.ExecuteNonQueryAsync(cancel);
    }
}
