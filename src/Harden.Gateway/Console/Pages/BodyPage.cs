using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Harden.Audit;
using Harden.Audit.Bodies;

namespace Harden.Gateway.Console.Pages;

/// <summary>A recorded body, to be read and never run: text in a frame of text, JSON set out in lines, of anything else its size and hash.</summary>
internal static class BodyPage
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // the page encodes it

    public static Html Render(AuditView view, BodySide side, OpenedBody opened)
    {
        var entry = view.Entry;
        var body = Of(entry, side)!;
        return $"""
            <p class="back"><a href="/record/{entry.RequestId}">{entry.Http?.Method} <bdi>{Words.Short(entry.Http?.Path ?? "", 80)}</bdi></a></p>
            <h1>{(side == BodySide.Request ? "Body of the request" : "Body of the answer")}</h1>
            <dl><dt>Passed</dt><dd>{Number(body.Bytes)} bytes{(body.End.Length > 0 ? $", {body.End}" : "")}</dd>
            <dt>Kept of them</dt><dd>{Number(body.Captured)} bytes{(body.Truncated ? ", the beginning" : "")}, redacted</dd>
            <dt>Keyed hash</dt><dd><code>{body.Hmac}</code></dd></dl>
            {Content(entry.RequestId, side, opened)}
            """;
    }

    /// <summary>One body of an entry.</summary>
    public static AuditBody? Of(AuditEntry entry, BodySide side) => side == BodySide.Request ? entry.Body?.Request : entry.Body?.Response;

    private static Html Content(string id, BodySide side, OpenedBody opened)
    {
        if (opened.Bytes is not { } bytes)
            return $"""<p class="note" role="status">{opened.Text}</p>""";
        Html text = Utf8.IsValid(bytes) ? $"""<pre tabindex="0" aria-label="Body">{Text(bytes)}</pre>""" : (Html)$"""<p class="note">{Number(bytes.Length)} bytes that are no text.</p>""";
        return $"""{text}<p><a href="/body/{id}/{Name(side)}/download" download>Download</a></p>""";
    }

    /// <summary>A side, as addresses name it.</summary>
    public static string Name(BodySide side) => side == BodySide.Request ? "request" : "response";

    // JSON set out in lines if it is whole, else as it stands.
    private static string Text(byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            using var lines = new MemoryStream();
            using (var writer = new Utf8JsonWriter(lines, Indented))
                json.WriteTo(writer);
            return Encoding.UTF8.GetString(lines.GetBuffer().AsSpan(0, (int)lines.Length));
        }
        catch (JsonException)
        {
            return Encoding.UTF8.GetString(bytes);
        }
    }

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
