using System.Globalization;
using System.Text;
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
        return Inert($"{view.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} {status,-4} {entry.Decision?.Action,-7} {entry.Http?.Method} {entry.Http?.Path}{query}  {entry.Actor?.Display ?? "-"}  {entry.Source?.Client}  {entry.RequestId}");
    }

    /// <summary>All of it: how far it got, then each of its entries.</summary>
    public static string Whole(AuditView view)
    {
        var text = new StringBuilder(Line(view)).Append('\n').Append(view.State).Append('\n');
        foreach (var part in view.Parts)
        {
            using var document = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(part, AuditJson.Default.AuditEntry));
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer, new() { Indented = true })) // its default encoder leaves printable ASCII only
                document.WriteTo(json);
            text.Append(Encoding.UTF8.GetString(buffer.ToArray())).Append('\n');
        }
        return text.ToString();
    }

    private static string Inert(string text) =>
        text.Any(static c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            ? string.Concat(text.Select(static c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '\ufffd' : c))
            : text;
}
