using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>The file of the index: a SQLite database that anybody may delete while nobody uses it, because all of it is derived from the log.</summary>
internal static class IndexFile
{
    /// <summary>Name of the directory beside that of the log.</summary>
    public const string DirectoryName = "audit-index";

    /// <summary>What is in the file, and how. Another number means: make it again.</summary>
    public const int Version = 1;

    // The words are kept beside the full-text index because removing a request from that takes the words it was entered with. No positions and no lengths: nothing
    // is ranked. The tokenizer takes the words as they are: they have been made by SearchWords.
    private const string Schema = $"""
        CREATE TABLE about(log TEXT NOT NULL, bodies INTEGER NOT NULL);
        CREATE TABLE segment(boot INTEGER, number INTEGER, bootId TEXT NOT NULL, bytes INTEGER NOT NULL, tail BLOB NOT NULL, first INTEGER, last INTEGER, earliest INTEGER, latest INTEGER, PRIMARY KEY(boot, number)) WITHOUT ROWID;
        CREATE TABLE request(id INTEGER PRIMARY KEY, number INTEGER NOT NULL, at INTEGER NOT NULL, endBoot INTEGER, endNumber INTEGER, endAt INTEGER, time INTEGER NOT NULL, state INTEGER NOT NULL, own INTEGER NOT NULL, requestKey INTEGER NOT NULL, traceKey INTEGER NOT NULL, words TEXT NOT NULL);
        CREATE INDEX request_key ON request(requestKey);
        CREATE INDEX request_trace ON request(traceKey);
        CREATE INDEX request_open ON request(id) WHERE state = 0;
        CREATE TABLE notice(id INTEGER PRIMARY KEY, number INTEGER NOT NULL, at INTEGER NOT NULL);
        CREATE VIRTUAL TABLE find USING fts5(words, content='request', content_rowid='id', detail=none, columnsize=0, tokenize="ascii tokenchars '_'");
        INSERT INTO find(find, rank) VALUES('hashsize', 8388608);
        PRAGMA user_version = 1;
        """;

    static IndexFile() => SQLitePCL.Batteries_V2.Init();

    /// <summary>Path of the index of a log.</summary>
    public static string PathOf(string directory) => Path.Combine(directory, "index.db");

    /// <summary>Opens the index for writing; makes it if there is none, or none that fits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="log">Id of the log.</param>
    /// <param name="bodies">Whether words of bodies are in it.</param>
    public static SqliteConnection OpenOrCreate(string path, string log, bool bodies)
    {
        if (File.Exists(path))
        {
            var connection = Open(path, SqliteOpenMode.ReadWrite);
            try
            {
                if (Fits(connection, log, bodies))
                    return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
            connection.Dispose();
        }
        Delete(path);
        return Create(path, log, bodies);
    }

    /// <summary>Opens the index for reading.</summary>
    public static SqliteConnection OpenForReading(string path) => Open(path, SqliteOpenMode.ReadOnly);

    /// <summary>True if it is an index of this log, as this version makes them.</summary>
    public static bool Fits(SqliteConnection connection, string log, bool? bodies = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        if (command.ExecuteScalar() is not (long)Version)
            return false;
        command.CommandText = "SELECT log, bodies FROM about";
        using var row = command.ExecuteReader();
        return row.Read() && row.GetString(0) == log && (bodies is null || row.GetBoolean(1) == bodies);
    }

    /// <summary>Removes the file and what SQLite keeps beside it.</summary>
    public static void Delete(string path)
    {
        foreach (var file in (string[])[path, path + "-wal", path + "-shm", path + "-journal"])
            File.Delete(file);
    }

    private static SqliteConnection Create(string path, string log, bool bodies)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // SQLite gives its other files the mode of this one
        using (new FileStream(path, options))
        {
        }
        var connection = Open(path, SqliteOpenMode.ReadWrite);
        try
        {
            using var begun = connection.BeginTransaction();
            using var command = connection.CreateCommand();
            command.CommandText = Schema;
            command.ExecuteNonQuery();
            command.CommandText = "INSERT INTO about VALUES($log, $bodies)";
            command.Parameters.AddWithValue("$log", log);
            command.Parameters.AddWithValue("$bodies", bodies);
            command.ExecuteNonQuery();
            begun.Commit();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 5 }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            // Not fsynced at each commit: what a power cut takes away is indexed again, and a torn write is left out by the write-ahead log's checksums.
            command.CommandText = mode == SqliteOpenMode.ReadOnly
                ? "PRAGMA cache_size = -16000; PRAGMA query_only = ON"
                : "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32000; PRAGMA secure_delete = FAST; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 8000; PRAGMA temp_store = MEMORY";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
