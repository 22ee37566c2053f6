using System.Text.Json;

namespace Harden.Gateway.Tests.Console;

/// <summary>Lines of an audit log as the gateway writes them.</summary>
internal static class Lines
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Id of the n-th request.</summary>
    public static string Id(int n) => $"0195{n:x28}";

    /// <summary>Trace id of the n-th request.</summary>
    public static string Trace(int n) => $"abcd{n:x28}";

    /// <summary>A request that was answered in one entry.</summary>
    public static string One(int n, string path = "/orders", int status = 403, string action = "deny", string reason = "role", string display = "Ada", string? trace = null, string agent = "Firefox") =>
        JsonSerializer.Serialize(new
        {
            v = 1, logId = "log", bootId = "boot", seq = n, stage = "denial", requestId = Id(n), traceId = trace ?? Trace(n), spanId = "00f067aa0ba902b7",
            time = Start.AddSeconds(n), monoNs = n,
            actor = new { tenant = "t", subject = "o", display, scheme = "session", roles = new[] { "Member" } },
            source = new { peer = "127.0.0.1", client = "203.0.113.7", userAgent = agent },
            http = new { method = "GET", path, query = "a=b", host = "tracker", version = "HTTP/1.1", status },
            decision = new { action, reason, rule = "admins" },
        });

    /// <summary>The intent of a request that is not finished.</summary>
    public static string Intent(int n, string path = "/stream") =>
        JsonSerializer.Serialize(new
        {
            v = 1, bootId = "boot", seq = n, stage = "intent", requestId = Id(n), traceId = Trace(n), time = Start.AddSeconds(n),
            http = new { method = "GET", path }, decision = new { action = "forward", reason = "rule", rule = "everyone" },
        });

    /// <summary>How it ended.</summary>
    public static string Completion(int n, int seq, int status = 200) =>
        JsonSerializer.Serialize(new
        {
            v = 1, bootId = "boot", seq, stage = "completion", requestId = Id(n), traceId = Trace(n), time = Start.AddSeconds(n + 1),
            http = new { status, responseHeaders = new Dictionary<string, string> { ["content-type"] = "text/html" } },
            body = new { response = new { bytes = 12345, captured = 0, notCaptured = "level", end = "complete" } },
            timing = new { totalUs = 1500 },
        });

    /// <summary>What the log says of itself.</summary>
    public static string Notice(int seq, string reason, string detail, string stage = "notice") =>
        JsonSerializer.Serialize(new { v = 1, bootId = "boot", seq, stage, time = Start.AddSeconds(seq), notice = new { reason, detail, count = 3 } });
}
