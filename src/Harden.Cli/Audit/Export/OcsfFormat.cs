using System.Globalization;
using System.Net;
using System.Text.Json;
using Harden.Audit;

namespace Harden.Cli.Audit.Export;

/// <summary>Open Cybersecurity Schema Framework: HTTP Activity (4002) with the profiles host (for the actor) and security control, one event a line.</summary>
internal sealed class OcsfFormat(Output output) : IExportFormat
{
    private const int Category = 4, Class = 4002;
    private const string Version = "1.3.0";

    private static readonly string[] Methods = ["" /* the server refused it before it had one */, "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE"]; // by activity_id
    private const int Other = 99;

    public void Begin()
    {
    }

    public void Write(AuditView view)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Event(json, view);
        output.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        output.Write("\n"u8);
    }

    public void End()
    {
    }

    private static void Event(Utf8JsonWriter json, AuditView view)
    {
        var entry = view.Entry;
        var http = entry.Http ?? new();
        var activity = Array.IndexOf(Methods, http.Method.ToUpperInvariant()) is >= 0 and var known ? known : Other;
        json.WriteStartObject();
        json.WriteNumber("category_uid", Category);
        json.WriteString("category_name", "Network Activity");
        json.WriteNumber("class_uid", Class);
        json.WriteString("class_name", "HTTP Activity");
        json.WriteNumber("activity_id", activity);
        json.WriteString("activity_name", activity == Other ? http.Method : activity == 0 ? "Unknown" : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(http.Method.ToLowerInvariant()));
        json.WriteNumber("type_uid", (Class * 100) + activity);
        json.WriteNumber("time", view.Time.ToUnixTimeMilliseconds());
        if (entry.Timing is { TotalUs: > 0 } timing)
            json.WriteNumber("duration", timing.TotalUs / 1000);
        if (entry.Decision is { More: > 0 } counted)
        {
            json.WriteNumber("count", counted.More + 1);
            json.WriteNumber("start_time", (counted.Since ?? view.Time).ToUnixTimeMilliseconds());
            json.WriteNumber("end_time", view.Time.ToUnixTimeMilliseconds());
        }
        Outcome(json, view, http.Status);
        Metadata(json, entry);
        Request(json, entry, http);
        Response(json, entry, http);
        Endpoint(json, "src_endpoint", entry.Source?.Client ?? "", "");
        Endpoint(json, "dst_endpoint", "", http.Host);
        Actor(json, entry.Actor);
        json.WriteEndObject();
    }

    private static void Outcome(Utf8JsonWriter json, AuditView view, int status)
    {
        var action = view.Entry.Decision?.Action ?? "";
        var denied = action is "deny" or "limit" or "refuse" or "signIn";
        // Informational; low for what was refused; medium for what failed: nothing here is an alert by itself.
        var severity = action == "fail" || status >= 500 ? 3 : denied ? 2 : 1;
        json.WriteNumber("severity_id", severity);
        json.WriteString("severity", severity switch { 1 => "Informational", 2 => "Low", _ => "Medium" });
        var outcome = view.State != AuditState.Complete ? 0 : status is > 0 and < 400 ? 1 : 2;
        json.WriteNumber("status_id", outcome);
        json.WriteString("status", outcome switch { 0 => "Unknown", 1 => "Success", _ => "Failure" });
        json.WriteString("status_code", status.ToString(CultureInfo.InvariantCulture));
        json.WriteString("status_detail", view.State == AuditState.Complete ? view.Entry.Decision?.Reason ?? "" : view.State.ToString());
        json.WriteNumber("action_id", denied ? 2 : 1);
        json.WriteString("action", denied ? "Denied" : "Allowed");
        var (disposition, word) = denied ? (2, "Blocked") : action == "fail" ? (27, "Error") : (1, "Allowed");
        json.WriteNumber("disposition_id", disposition);
        json.WriteString("disposition", word);
        if (view.Entry.Decision?.Rule is { Length: > 0 } rule)
        {
            json.WriteStartObject("firewall_rule");
            json.WriteString("name", rule);
            json.WriteEndObject();
        }
    }

    private static void Metadata(Utf8JsonWriter json, AuditEntry entry)
    {
        json.WriteStartObject("metadata");
        json.WriteString("version", Version);
        json.WriteStartArray("profiles");
        json.WriteStringValue("host");
        json.WriteStringValue("security_control");
        json.WriteEndArray();
        json.WriteStartObject("product");
        json.WriteString("name", "Harden");
        json.WriteString("vendor_name", "Harden");
        json.WriteString("version", typeof(OcsfFormat).Assembly.GetName().Version?.ToString(3));
        json.WriteEndObject();
        json.WriteString("uid", entry.RequestId);
        json.WriteString("correlation_uid", entry.TraceId);
        json.WriteString("log_name", entry.LogId);
        json.WriteNumber("sequence", entry.Seq);
        json.WriteEndObject();
    }

    private static void Request(Utf8JsonWriter json, AuditEntry entry, AuditHttp http)
    {
        json.WriteStartObject("http_request");
        json.WriteString("uid", entry.RequestId);
        if (http.Method.Length > 0)
            json.WriteString("http_method", http.Method);
        json.WriteString("version", http.Version);
        json.WriteString("user_agent", entry.Source?.UserAgent ?? "");
        Length(json, entry.Body?.Request);
        Headers(json, http.RequestHeaders);
        json.WriteStartObject("url");
        json.WriteString("hostname", Name(http.Host));
        json.WriteString("path", http.Path);
        json.WriteString("query_string", http.Query);
        json.WriteString("url_string", $"{http.Host}{http.Path}{(http.Query.Length > 0 ? "?" + http.Query : "")}");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Response(Utf8JsonWriter json, AuditEntry entry, AuditHttp http)
    {
        if (http.Status == 0)
            return; // none was sent
        json.WriteStartObject("http_response");
        json.WriteNumber("code", http.Status);
        Length(json, entry.Body?.Response);
        Headers(json, http.ResponseHeaders);
        if (entry.Timing is { FirstByteUs: > 0 } timing)
            json.WriteNumber("latency", timing.FirstByteUs / 1000);
        json.WriteEndObject();
    }

    private static void Length(Utf8JsonWriter json, AuditBody? body)
    {
        if (body is not null)
            json.WriteNumber("length", body.Bytes);
    }

    private static void Headers(Utf8JsonWriter json, IReadOnlyDictionary<string, string> headers)
    {
        json.WriteStartArray("http_headers");
        foreach (var (name, value) in headers)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("value", value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Endpoint(Utf8JsonWriter json, string member, string address, string host)
    {
        json.WriteStartObject(member);
        if (IPAddress.TryParse(address, out _))
            json.WriteString("ip", address);
        else
            json.WriteString("hostname", Name(host.Length > 0 ? host : address.Length > 0 ? address : "unknown"));
        if (host.LastIndexOf(':') is > 0 and var at && ushort.TryParse(host.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            json.WriteNumber("port", port);
        json.WriteEndObject();
    }

    private static void Actor(Utf8JsonWriter json, AuditActor? actor)
    {
        json.WriteStartObject("actor");
        json.WriteStartObject("user");
        var known = actor is { Subject.Length: > 0 } or { Display.Length: > 0 };
        json.WriteString("name", known ? actor!.Display.Length > 0 ? actor.Display : actor.Subject : "anonymous");
        json.WriteNumber("type_id", known ? 1 : 0); // user, or not known
        if (actor is { Subject.Length: > 0 })
            json.WriteString("uid", actor.Subject);
        if (actor is { Tenant.Length: > 0 })
        {
            json.WriteStartObject("org");
            json.WriteString("uid", actor.Tenant);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Name(string host)
    {
        var at = host.LastIndexOf(':');
        return at > host.LastIndexOf(']') ? host[..at] : host;
    }
}
