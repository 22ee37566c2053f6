namespace Harden.Audit.Tests.Records;

/// <summary>A request as a test has it written to a log.</summary>
internal sealed record RecordedExchange(string Id)
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public string Trace { get; init; } = "";

    public DateTimeOffset Time { get; init; } = Start;

    public string Method { get; init; } = "GET";

    public string Path { get; init; } = "/";

    public string Query { get; init; } = "";

    public string Subject { get; init; } = "";

    public string Display { get; init; } = "";

    public string Client { get; init; } = "203.0.113.7";

    public int Status { get; init; } = 200;

    public string Action { get; init; } = "forward";

    public string Reason { get; init; } = "rule";

    public string? Rule { get; init; }

    public string? Limit { get; init; }

    /// <summary>The n-th request id that looks like those of the gateway.</summary>
    public static string IdOf(int n) => $"0195{n:x28}";

    public ValueTask<bool> DenialAsync(AuditLog log) => log.AppendAsync(Draft(log, "denial", whole: true, answered: true));

    public ValueTask<bool> IntentAsync(AuditLog log) => log.AppendAsync(Draft(log, "intent", whole: true, answered: false));

    public ValueTask<bool> ProgressAsync(AuditLog log) => log.AppendAsync(Draft(log, "progress", whole: false, answered: true));

    public ValueTask<bool> CompletionAsync(AuditLog log) => log.AppendAsync(Draft(log, "completion", whole: false, answered: true));

    /// <summary>Intent and completion.</summary>
    public async Task ForwardAsync(AuditLog log)
    {
        await IntentAsync(log);
        await CompletionAsync(log);
    }

    private PendingEntry Draft(AuditLog log, string stage, bool whole, bool answered)
    {
        var entry = log.Rent();
        var json = entry.Json;
        json.WriteStartObject();
        json.WriteString("stage", stage);
        json.WriteString("requestId", Id);
        json.WriteString("traceId", Trace);
        json.WriteString("time", whole ? Time : Time.AddMilliseconds(5));
        if (whole && Subject.Length + Display.Length > 0)
        {
            json.WriteStartObject("actor");
            json.WriteString("tenant", "t");
            json.WriteString("subject", Subject);
            json.WriteString("display", Display);
            json.WriteEndObject();
        }
        if (whole)
        {
            json.WriteStartObject("source");
            json.WriteString("client", Client);
            json.WriteEndObject();
        }
        json.WriteStartObject("http");
        if (whole)
        {
            json.WriteString("method", Method);
            json.WriteString("path", Path);
            json.WriteString("query", Query);
        }
        if (answered)
            json.WriteNumber("status", Status);
        json.WriteEndObject();
        if (stage != "progress")
        {
            json.WriteStartObject("decision");
            json.WriteString("action", Action);
            json.WriteString("reason", Reason);
            if (Rule is not null)
                json.WriteString("rule", Rule);
            if (Limit is not null)
                json.WriteString("limit", Limit);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.Flush();
        return entry;
    }
}
