using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>How far a segment is indexed.</summary>
internal sealed class IndexedSegment(SegmentFile file)
{
    /// <summary>Bytes of the end of what is indexed that are kept to know the file again.</summary>
    public const int TailLength = 32;

    public SegmentFile File => file;

    /// <summary>Id of the boot it belongs to.</summary>
    public string BootId { get; set; } = "";

    /// <summary>Bytes that are indexed; whole lines.</summary>
    public long Bytes { get; set; }

    /// <summary>The last of these bytes.</summary>
    public byte[] Tail { get; set; } = [];

    /// <summary>Packed places of its first and last entry.</summary>
    public long? First { get; set; }

    public long? Last { get; set; }

    /// <summary>Earliest and latest time of an entry, in milliseconds of Unix time.</summary>
    public long? Earliest { get; set; }

    public long? Latest { get; set; }

    /// <summary>Takes note of a line.</summary>
    public void Add(IndexedLine line)
    {
        var place = new LogPlace(file.Boot, line.Seq).Pack();
        var time = line.Time.ToUnixTimeMilliseconds();
        if (BootId.Length == 0)
            BootId = line.BootId.ToString();
        First = Math.Min(First ?? place, place);
        Last = Math.Max(Last ?? place, place);
        Earliest = Math.Min(Earliest ?? time, time);
        Latest = Math.Max(Latest ?? time, time);
    }

    /// <summary>False if the file is not the one that was indexed, or was cut.</summary>
    public bool Fits(string directory)
    {
        using var handle = System.IO.File.OpenHandle(Path.Combine(directory, file.Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var now = new byte[Tail.Length];
        return RandomAccess.GetLength(handle) >= Bytes && RandomAccess.Read(handle, now, Bytes - now.Length) == now.Length && now.AsSpan().SequenceEqual(Tail);
    }

    /// <summary>All that are indexed, oldest first.</summary>
    public static List<IndexedSegment> All(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT boot, number, bootId, bytes, tail, first, last, earliest, latest FROM segment ORDER BY boot, number";
        using var row = command.ExecuteReader();
        List<IndexedSegment> all = [];
        while (row.Read())
        {
            all.Add(new(new(row.GetInt32(0), row.GetInt32(1)))
            {
                BootId = row.GetString(2),
                Bytes = row.GetInt64(3),
                Tail = row.GetFieldValue<byte[]>(4),
                First = Number(row, 5),
                Last = Number(row, 6),
                Earliest = Number(row, 7),
                Latest = Number(row, 8),
            });
        }
        return all;
    }

    private static long? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
