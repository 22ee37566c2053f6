using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>The writing statements of the index, prepared once.</summary>
internal sealed class IndexStatements : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand find;
    private readonly SqliteCommand insert;
    private readonly SqliteCommand update;
    private readonly SqliteCommand enter;
    private readonly SqliteCommand withdraw;
    private readonly SqliteCommand notice;
    private readonly SqliteCommand segment;

    public IndexStatements(SqliteConnection connection)
    {
        this.connection = connection;
        find = Prepare("SELECT id, number, at, endBoot, endNumber, endAt, time, state, own, traceKey, words FROM request WHERE requestKey = $1 ORDER BY id DESC LIMIT 1", 1);
        insert = Prepare("INSERT OR REPLACE INTO request VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", 12);
        update = Prepare("UPDATE request SET endBoot = $2, endNumber = $3, endAt = $4, state = $5, own = $6, words = $7 WHERE id = $1", 7);
        enter = Prepare("INSERT INTO find(rowid, words) VALUES($1, $2)", 2);
        withdraw = Prepare("INSERT INTO find(find, rowid, words) VALUES('delete', $1, $2)", 2);
        notice = Prepare("INSERT OR REPLACE INTO notice VALUES($1, $2, $3)", 3);
        segment = Prepare("INSERT OR REPLACE INTO segment VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)", 9);
    }

    /// <summary>The newest request with this key.</summary>
    public IndexBatch.Row? Find(long key)
    {
        Set(find, key);
        using var row = find.ExecuteReader();
        if (!row.Read())
            return null;
        var found = new IndexBatch.Row
        {
            Id = row.GetInt64(0),
            Number = row.GetInt32(1),
            At = row.GetInt64(2),
            EndBoot = row.IsDBNull(3) ? null : row.GetInt32(3),
            EndNumber = row.IsDBNull(4) ? null : row.GetInt32(4),
            EndAt = row.IsDBNull(5) ? null : row.GetInt64(5),
            Time = row.GetInt64(6),
            State = (IndexState)row.GetInt32(7),
            Own = row.GetBoolean(8),
            RequestKey = key,
            TraceKey = row.GetInt64(9),
            Entered = row.GetString(10),
        };
        found.Words.AddAgain(found.Entered);
        return found;
    }

    /// <summary>Enters a request, or what has become known of it.</summary>
    public void Enter(IndexBatch.Row row)
    {
        var words = row.Words.ToString();
        if (row.Entered is { } before)
        {
            Run(update, row.Id, row.EndBoot, row.EndNumber, row.EndAt, (int)row.State, row.Own, words);
            if (words == before)
                return;
            Run(withdraw, row.Id, before);
        }
        else
            Run(insert, row.Id, row.Number, row.At, row.EndBoot, row.EndNumber, row.EndAt, row.Time, (int)row.State, row.Own, row.RequestKey, row.TraceKey, words);
        Run(enter, row.Id, words);
    }

    /// <summary>Enters one of the log's own entries.</summary>
    public void EnterNotice(long id, int number, long at) => Run(notice, id, number, at);

    /// <summary>Notes how far a segment is indexed.</summary>
    public void Note(IndexedSegment one) =>
        Run(segment, one.File.Boot, one.File.Number, one.BootId, one.Bytes, one.Tail, one.First, one.Last, one.Earliest, one.Latest);

    /// <summary>Runs a statement that is needed seldom.</summary>
    public void Run(string text, params object?[] values)
    {
        using var command = Prepare(text, values.Length);
        Run(command, values);
    }

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[find, insert, update, enter, withdraw, notice, segment])
            command.Dispose();
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        Set(command, values);
        command.ExecuteNonQuery();
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
    }

    private SqliteCommand Prepare(string text, int parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        for (var i = 1; i <= parameters; i++)
            command.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"${i}") });
        return command;
    }
}
