using System.Text.Json;
using Harden.Audit;
using Harden.Audit.Bodies;

namespace Harden.Cli.Audit.Export;

/// <summary>HTTP Archive 1.2, as browsers' developer tools open it. What the record doesn't have (cookies, header sizes) is given as the format says "not known".</summary>
internal sealed class HarFormat(Output output, BodyReader? bodies) : IExportFormat
{
    private bool any;

    public void Begin() =>
        output.Write($$"""{"log":{"version":"1.2","creator":{"name":"Harden","version":"{{typeof(HarFormat).Assembly.GetName().Version?.ToString(3)}}"},"entries":[""");

    public void Write(AuditView view)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Entry(json, view);
        output.Write(any ? ",\n" : "\n");
        output.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        any = true;
    }

    public void End() => output.Write("\n]}}\n");

    private void Entry(Utf8JsonWriter json, AuditView view)
    {
        var entry = view.Entry;
        var (total, first) = ((entry.Timing?.TotalUs ?? 0) / 1000.0, (entry.Timing?.FirstByteUs ?? 0) / 1000.0);
        json.WriteStartObject();
        json.WriteString("startedDateTime", view.Time.UtcDateTime);
        json.WriteNumber("time", total);
        Request(json, entry);
        Response(json, entry);
        json.WriteStartObject("cache");
        json.WriteEndObject();
        json.WriteStartObject("timings");
        json.WriteNumber("send", 0);
        json.WriteNumber("wait", Math.Min(first > 0 ? first : total, total));
        json.WriteNumber("receive", first > 0 ? Math.Max(0, total - first) : 0);
        json.WriteEndObject();
        // Names of one's own begin with an underscore.
        json.WriteString("_requestId", entry.RequestId);
        json.WriteString("_traceId", entry.TraceId);
        json.WriteString("_state", view.State.ToString());
        json.WriteString("_decision", $"{entry.Decision?.Action} {entry.Decision?.Reason}".Trim());
        json.WriteString("_user", entry.Actor?.Display ?? "");
        json.WriteString("_client", entry.Source?.Client ?? "");
        json.WriteEndObject();
    }

    private void Request(Utf8JsonWriter json, AuditEntry entry)
    {
        var http = entry.Http ?? new();
        json.WriteStartObject("request");
        json.WriteString("method", http.Method);
        json.WriteString("url", $"http://{(http.Host.Length > 0 ? http.Host : "unknown")}{(http.Path.StartsWith('/') ? "" : "/")}{http.Path}{(http.Query.Length > 0 ? "?" + http.Query : "")}");
        json.WriteString("httpVersion", http.Version);
        Empty(json, "cookies");
        Headers(json, http.RequestHeaders);
        json.WriteStartArray("queryString");
        foreach (var pair in http.Query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            Pair(json, at < 0 ? pair : pair[..at], at < 0 ? "" : pair[(at + 1)..]);
        }
        json.WriteEndArray();
        if (bodies?.Open(entry, BodySide.Request).Bytes is { } bytes)
        {
            json.WriteStartObject("postData");
            json.WriteString("mimeType", http.RequestHeaders.GetValueOrDefault("content-type", "application/octet-stream"));
            Empty(json, "params");
            json.WriteString("text", BodyText.Of(bytes).Text);
            json.WriteEndObject();
        }
        json.WriteNumber("headersSize", -1);
        json.WriteNumber("bodySize", entry.Body?.Request?.Bytes ?? 0);
        json.WriteEndObject();
    }

    private void Response(Utf8JsonWriter json, AuditEntry entry)
    {
        var http = entry.Http ?? new();
        var body = entry.Body?.Response;
        json.WriteStartObject("response");
        json.WriteNumber("status", http.Status);
        json.WriteString("statusText", "");
        json.WriteString("httpVersion", http.Version);
        Empty(json, "cookies");
        Headers(json, http.ResponseHeaders);
        json.WriteStartObject("content");
        json.WriteNumber("size", body?.Bytes ?? 0);
        json.WriteString("mimeType", http.ResponseHeaders.GetValueOrDefault("content-type", "x-unknown"));
        if (bodies?.Open(entry, BodySide.Response).Bytes is { } bytes)
        {
            var (text, base64) = BodyText.Of(bytes);
            json.WriteString("text", text);
            if (base64)
                json.WriteString("encoding", "base64");
        }
        json.WriteEndObject();
        json.WriteString("redirectURL", http.ResponseHeaders.GetValueOrDefault("location", ""));
        json.WriteNumber("headersSize", -1);
        json.WriteNumber("bodySize", body?.Bytes ?? -1);
        json.WriteEndObject();
    }

    private static void Headers(Utf8JsonWriter json, IReadOnlyDictionary<string, string> headers)
    {
        json.WriteStartArray("headers");
        foreach (var (name, value) in headers)
            Pair(json, name, value);
        json.WriteEndArray();
    }

    private static void Pair(Utf8JsonWriter json, string name, string value)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("value", value);
        json.WriteEndObject();
    }

    private static void Empty(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        json.WriteEndArray();
    }
}
