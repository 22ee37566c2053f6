using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Harden.Audit;

namespace Harden.Cli.Audit;

/// <summary>Requests as text for a terminal. What came from outside is made inert: a terminal obeys escape sequences.</summary>
internal static class EntryText
{
    /// <summary>One line.</summary>
    public static string Line(AuditView view)
    {
        var entry = view.Entry;
        var status = view.State == AuditState.Complete ? entry.Http?.Status.ToString(CultureInfo.InvariantCulture) ?? "" : view.State == AuditState.Open ? "open" : "interrupted";
        var query = entry.Http?.Query is { Length: > 0 } q ? "?" + q : "";
        var more = entry.Decision is { More: > 0 } counted ? string.Create(CultureInfo.InvariantCulture, $"  and {counted.More:N0} more{(counted.SeveralClients ? " of several clients" : "")} since {counted.Since?.UtcDateTime:HH:mm:ss}") : "";
        return Inert($"{view.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} {status,-4} {entry.Decision?.Action,-7} {entry.Http?.Method} {entry.Http?.Path}{query}  {entry.Actor?.Display ?? "-"}  {entry.Source?.Client}  {entry.RequestId}{more}");
    }

    /// <summary>All of it: how far it got, then each of its entries.</summary>
    public static string Whole(AuditView view)
    {
        var text = new StringBuilder(Line(view)).Append('\n').Append(view.State).Append('\n');
        foreach (var part in view.Parts)
            text.Append(Escaped(JsonSerializer.Serialize(part, Readable.AuditEntry))).Append('\n');
        return text.ToString();
    }

    // Letters of all languages and signs such as < are to be read, not looked up.
    private static readonly AuditJson Readable = new(new(AuditJson.Default.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>JSON with everything escaped that a terminal could obey or that can't be seen; the JSON stays the same.</summary>
    private static string Escaped(string json)
    {
        var text = new StringBuilder(json.Length);
        foreach (var c in json)
        {
            if (c == '\n' || !IsUnseen(c))
                text.Append(c);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return text.ToString();
    }

    /// <summary>A line in which nothing is left that a terminal could obey or that can't be seen.</summary>
    public static string Inert(string text) => text.Any(IsUnseen) ? string.Concat(text.Select(static c => IsUnseen(c) ? '\ufffd' : c)) : text;

    private static bool IsUnseen(char c) => char.IsControl(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
