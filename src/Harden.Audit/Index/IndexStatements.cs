using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Harden.Audit.Index;

/// <summary>The writing statements of the index, prepared once and bound without boxing: they run for every request.</summary>
internal sealed class IndexStatements : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt find;
    private readonly sqlite3_stmt insert;
    private readonly sqlite3_stmt update;
    private readonly sqlite3_stmt enter;
    private readonly sqlite3_stmt withdraw;
    private readonly sqlite3_stmt notice;

    public IndexStatements(SqliteConnection connection)
    {
        database = connection.Handle!; // open, so it has one
        find = Prepare("SELECT id, number, at, endBoot, endNumber, endAt, time, state, own, traceKey, words FROM request WHERE requestKey = ? ORDER BY id DESC LIMIT 1");
        insert = Prepare("INSERT OR REPLACE INTO request VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        update = Prepare("UPDATE request SET endBoot = ?2, endNumber = ?3, endAt = ?4, state = ?5, own = ?6, words = ?7 WHERE id = ?1");
        enter = Prepare("INSERT INTO find(rowid, words) VALUES(?, ?)");
        withdraw = Prepare("INSERT INTO find(find, rowid, words) VALUES('delete', ?, ?)");
        notice = Prepare("INSERT OR REPLACE INTO notice VALUES(?, ?, ?)");
    }

    /// <summary>Reads the newest request with this key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="row">Empty; becomes the request.</param>
    /// <returns>False if there is none.</returns>
    public bool Find(long key, IndexBatch.Row row)
    {
        Bind(find, 1, key);
        try
        {
            if (Step(find) != raw.SQLITE_ROW)
                return false;
            row.Id = raw.sqlite3_column_int64(find, 0);
            row.Number = raw.sqlite3_column_int(find, 1);
            row.At = raw.sqlite3_column_int64(find, 2);
            row.EndBoot = (int?)Number(find, 3);
            row.EndNumber = (int?)Number(find, 4);
            row.EndAt = Number(find, 5);
            row.Time = raw.sqlite3_column_int64(find, 6);
            row.State = (IndexState)raw.sqlite3_column_int(find, 7);
            row.Own = raw.sqlite3_column_int(find, 8) != 0;
            row.RequestKey = key;
            row.TraceKey = raw.sqlite3_column_int64(find, 9);
            row.Words.AddAgain(raw.sqlite3_column_blob(find, 10));
            row.Entered = row.Words.Written.Length;
            return true;
        }
        finally
        {
            raw.sqlite3_reset(find);
        }
    }

    /// <summary>Enters a request, or what has become known of it.</summary>
    public void Enter(IndexBatch.Row row)
    {
        var words = row.Words.Written;
        if (row.Entered is { } before)
        {
            Bind(update, 1, row.Id);
            End(update, 2, row);
            Bind(update, 5, (int)row.State);
            Bind(update, 6, row.Own ? 1 : 0);
            Bind(update, 7, words);
            Run(update);
            if (words.Length == before)
                return;
            Bind(withdraw, 1, row.Id);
            Bind(withdraw, 2, words[..before]);
            Run(withdraw);
        }
        else
        {
            Bind(insert, 1, row.Id);
            Bind(insert, 2, row.Number);
            Bind(insert, 3, row.At);
            End(insert, 4, row);
            Bind(insert, 7, row.Time);
            Bind(insert, 8, (int)row.State);
            Bind(insert, 9, row.Own ? 1 : 0);
            Bind(insert, 10, row.RequestKey);
            Bind(insert, 11, row.TraceKey);
            Bind(insert, 12, words);
            Run(insert);
        }
        Bind(enter, 1, row.Id);
        Bind(enter, 2, words);
        Run(enter);
    }

    /// <summary>Enters one of the log's own entries.</summary>
    public void EnterNotice(long id, int number, long at)
    {
        Bind(notice, 1, id);
        Bind(notice, 2, number);
        Bind(notice, 3, at);
        Run(notice);
    }

    /// <summary>Notes how far a segment is indexed.</summary>
    public void Note(IndexedSegment one)
    {
        using var segment = Prepare("INSERT OR REPLACE INTO segment VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
        Bind(segment, 1, one.File.Boot);
        Bind(segment, 2, one.File.Number);
        Check(raw.sqlite3_bind_text(segment, 3, one.BootId));
        Bind(segment, 4, one.Bytes);
        Check(raw.sqlite3_bind_blob(segment, 5, one.Tail));
        Bind(segment, 6, one.First);
        Bind(segment, 7, one.Last);
        Bind(segment, 8, one.Earliest);
        Bind(segment, 9, one.Latest);
        Run(segment);
    }

    /// <summary>Runs a statement that is needed seldom.</summary>
    public void Run(string text, params ReadOnlySpan<long> values)
    {
        using var statement = Prepare(text);
        for (var i = 0; i < values.Length; i++)
            Bind(statement, i + 1, values[i]);
        Run(statement);
    }

    public void Dispose()
    {
        foreach (var statement in (sqlite3_stmt[])[find, insert, update, enter, withdraw, notice])
            statement.Dispose();
    }

    private void End(sqlite3_stmt statement, int at, IndexBatch.Row row)
    {
        Bind(statement, at, row.EndBoot);
        Bind(statement, at + 1, row.EndNumber);
        Bind(statement, at + 2, row.EndAt);
    }

    private static long? Number(sqlite3_stmt statement, int column) =>
        raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_int64(statement, column);

    private sqlite3_stmt Prepare(string text)
    {
        Check(raw.sqlite3_prepare_v2(database, text, out var statement));
        return statement;
    }

    private void Bind(sqlite3_stmt statement, int at, long? value) =>
        Check(value is { } number ? raw.sqlite3_bind_int64(statement, at, number) : raw.sqlite3_bind_null(statement, at));

    // An empty span has no address, which SQLite would take for NULL.
    private void Bind(sqlite3_stmt statement, int at, ReadOnlySpan<byte> text) =>
        Check(text.IsEmpty ? raw.sqlite3_bind_text(statement, at, "") : raw.sqlite3_bind_text(statement, at, text));

    private void Run(sqlite3_stmt statement)
    {
        Step(statement);
        raw.sqlite3_reset(statement);
    }

    private int Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
        {
            raw.sqlite3_reset(statement);
            Check(code);
        }
        return code;
    }

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, database);
}
