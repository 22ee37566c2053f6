using System.Text;

namespace Harden.Audit.Postgres;

/// <summary>A line of the log on its way to PostgreSQL, and what is searched of it.</summary>
/// <param name="Entry">What the line says.</param>
/// <param name="Boot">Ordinal of its boot.</param>
/// <param name="Line">The line itself.</param>
/// <param name="At">Its time, but never before that of the entry before it.</param>
internal sealed record ShippedEntry(AuditEntry Entry, int Boot, string Line, DateTimeOffset At)
{
    /// <summary>Its own time; one that no clock can have said is brought to where PostgreSQL doesn't take it for infinity.</summary>
    public DateTime Time => (Entry.Time < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : Entry.Time.Year > 9000 ? new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero) : Entry.Time).UtcDateTime;

    /// <summary>How much is done with a request: 0 begins it, 1 goes on, 2 ends it; null for the log's own entries.</summary>
    public short? Part => Entry.RequestId.Length == 0 ? null : Entry.Stage switch
    {
        EntryStage.Progress => 1,
        EntryStage.Completion => 2,
        _ => 0,
    };

    /// <summary>Its sealed bodies, each with the place that the entry names.</summary>
    public List<(string Place, byte[] Frame)> Bodies { get; } = [];

    /// <summary>The words it is found by.</summary>
    public string[] Words => WordsOf(Entry.Http?.Path, Entry.Http?.Query, Entry.Actor?.Display, Entry.Actor?.Subject);

    /// <summary>The words of the person's name and address.</summary>
    public string[] UserWords => WordsOf(Entry.Actor?.Display);

    /// <summary>Reads a line; null if it is no entry.</summary>
    public static ShippedEntry? TryRead(byte[] line, int boot, DateTimeOffset notBefore) =>
        AuditEntry.TryParse(line) is { } entry ? new(entry, boot, Encoding.ASCII.GetString(line), entry.Time > notBefore && entry.Time.Year <= 9000 ? entry.Time : notBefore) : null;

    private static string[] WordsOf(params ReadOnlySpan<string?> texts)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in texts)
            words.UnionWith(text is null ? [] : SearchWords.Of(text));
        return [.. words];
    }
}
