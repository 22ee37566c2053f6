using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>Takes a segment that is gone out of the index.</summary>
internal static class IndexRemoval
{
    /// <summary>Removes what began in it. What ended elsewhere is entered again by its end, as it would be if the index were made anew.</summary>
    public static void Run(IndexStatements statements, SqliteConnection connection, string directory, IndexedSegment gone)
    {
        var (boot, number) = (gone.File.Boot, gone.File.Number);
        if (gone.First is { } first && gone.Last is { } last)
        {
            var kept = Ends(connection, first, last, boot, number);
            statements.Run("INSERT INTO find(find, rowid, words) SELECT 'delete', id, words FROM request WHERE id BETWEEN $1 AND $2 AND number = $3", first, last, number);
            statements.Run("DELETE FROM request WHERE id BETWEEN $1 AND $2 AND number = $3", first, last, number);
            statements.Run("DELETE FROM notice WHERE id BETWEEN $1 AND $2 AND number = $3", first, last, number);
            // Those of which only a later entry was left, and that was here.
            var (early, late) = (LogPlace.Unpack(first).WithoutIntent().Pack(), LogPlace.Unpack(last).WithoutIntent().Pack());
            statements.Run("INSERT INTO find(find, rowid, words) SELECT 'delete', id, words FROM request WHERE id BETWEEN $1 AND $2 AND number = $3", early, late, number);
            statements.Run("DELETE FROM request WHERE id BETWEEN $1 AND $2 AND number = $3", early, late, number);
            // A segment that somebody took out of the middle: what began before it has lost its end.
            statements.Run("UPDATE request SET state = 0, endBoot = NULL, endNumber = NULL, endAt = NULL WHERE id < $1 AND endBoot = $2 AND endNumber = $3", first, boot, number);
            Reenter(statements, directory, kept);
        }
        statements.Run("DELETE FROM segment WHERE boot = $1 AND number = $2", boot, number);
    }

    private static List<(SegmentFile File, long At)> Ends(SqliteConnection connection, long first, long last, int boot, int number)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT endBoot, endNumber, endAt FROM request WHERE id BETWEEN $1 AND $2 AND number = $4 AND endAt IS NOT NULL AND NOT (endBoot = $3 AND endNumber = $4)";
        command.Parameters.AddWithValue("$1", first);
        command.Parameters.AddWithValue("$2", last);
        command.Parameters.AddWithValue("$3", boot);
        command.Parameters.AddWithValue("$4", number);
        using var row = command.ExecuteReader();
        List<(SegmentFile, long)> found = [];
        while (row.Read())
            found.Add((new(row.GetInt32(0), row.GetInt32(1)), row.GetInt64(2)));
        return found;
    }

    private static void Reenter(IndexStatements statements, string directory, List<(SegmentFile File, long At)> ends)
    {
        using var lines = new LineReader(directory);
        var batch = new IndexBatch(statements, null);
        var line = new IndexedLine();
        foreach (var (file, at) in ends)
        {
            if (lines.Read(file, at) is { } text && line.TryRead(text))
                batch.Add(file, at, line, text);
        }
        batch.Write(static () => { });
    }
}
