using System.Globalization;
using Npgsql;

namespace Harden.Audit.Postgres;

/// <summary>
/// The tables, in a schema of their own. One path of migrations, each applied once and in its own transaction, by whichever replica comes first;
/// a database newer than this program is left alone.
/// </summary>
internal static class PostgresSchema
{
    // Any number; all versions of Harden must use the same one.
    private const long MigrationLock = 0x48415244454e;

    private static readonly string[] Migrations =
    [
        """
        -- Every line of every log, as it is on the replica's disk.
        create table harden.entry (
            log_id text not null, boot int not null, seq bigint not null, time timestamptz not null,
            at timestamptz not null, is_notice boolean not null, line text not null,
            primary key (log_id, boot, seq, time)
        ) partition by range (time);
        create index on harden.entry (at desc, log_id desc, boot desc, seq desc) where is_notice;

        -- What is searched: a row for each request. `at` is its time, but never before that of the entry before it in the same log, so that one log is
        -- in its own order though a clock was set back, and several logs are in the order of time.
        create table harden.request (
            log_id text not null, boot int not null, seq bigint not null, time timestamptz not null, at timestamptz not null,
            boot_id text not null, request_id text not null, trace_id text not null,
            last_boot int, last_seq bigint, last_time timestamptz, done boolean not null, denied boolean not null,
            method text not null, path text not null, status int not null, subject text not null, client text not null,
            action text not null, reason text not null, rule text not null, lim text not null,
            words tsvector not null, user_words tsvector not null,
            primary key (log_id, boot, seq, time)
        ) partition by range (time);
        create index on harden.request (at desc, log_id desc, boot desc, seq desc);
        create index on harden.request (request_id);
        create index on harden.request (trace_id);
        create index on harden.request (subject, at desc);
        create index on harden.request (status, at desc) where status >= 400;
        create index on harden.request using gin (words);
        create index on harden.request using gin (user_words);
        create index on harden.request (log_id, boot) where not done;

        -- Sealed bodies, as they are on the replica's disk: nobody reads them without its key.
        create table harden.body (
            log_id text not null, place text not null, time timestamptz not null, frame bytea not null,
            primary key (log_id, place, time)
        ) partition by range (time);
        alter table harden.body alter column frame set storage external;

        -- How far each log has been shipped, and which of its boots is alive.
        create table harden.log (
            log_id text primary key, boot int not null, segment int not null, byte_offset bigint not null, at timestamptz not null,
            live_boot_id text, seen timestamptz not null
        );

        -- Signed checkpoints, kept where whoever cuts the log can't cut them.
        create table harden.checkpoint (
            log_id text not null, boot int not null, size bigint not null, note text not null, received timestamptz not null default now(),
            primary key (log_id, boot, size)
        );
        """,
    ];

    /// <summary>Brings the schema up to date.</summary>
    /// <exception cref="AuditLogException">The database is newer than this program.</exception>
    public static async Task MigrateAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await RunAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
            select pg_advisory_xact_lock({MigrationLock});
            create schema if not exists harden;
            create table if not exists harden.migration (version int primary key, applied timestamptz not null default now());
            """), cancel);
        await using var command = new NpgsqlCommand("select coalesce(max(version), 0) from harden.migration", connection);
        var version = (int)(await command.ExecuteScalarAsync(cancel))!;
        if (version > Migrations.Length)
            throw new AuditLogException($"The audit tables in PostgreSQL have version {version}, this Harden knows {Migrations.Length}. Run the newer Harden that made them.");
        for (; version < Migrations.Length; version++)
        {
            await RunAsync(connection, Migrations[version], cancel);
            await RunAsync(connection, string.Create(CultureInfo.InvariantCulture, $"insert into harden.migration (version) values ({version + 1})"), cancel);
        }
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Makes the partitions of a month.</summary>
    public static Task AddMonthAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancel)
    {
        var (from, to) = (new DateOnly(month.Year, month.Month, 1), new DateOnly(month.Year, month.Month, 1).AddMonths(1));
        var name = from.ToString("yyyy_MM", CultureInfo.InvariantCulture);
        // Replicas meet a new month at the same moment; "if not exists" alone does not serialise them.
        return RunAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
            select pg_advisory_xact_lock({MigrationLock});
            create table if not exists harden.entry_{name} partition of harden.entry for values from ('{from:yyyy-MM-dd} 00:00Z') to ('{to:yyyy-MM-dd} 00:00Z');
            create table if not exists harden.body_{name} partition of harden.body for values from ('{from:yyyy-MM-dd} 00:00Z') to ('{to:yyyy-MM-dd} 00:00Z');
            create table if not exists harden.request_{name} partition of harden.request for values from ('{from:yyyy-MM-dd} 00:00Z') to ('{to:yyyy-MM-dd} 00:00Z');
            """), cancel);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
