using System.Globalization;
using System.Text.Json;
using Harden.Audit;
using Harden.Audit.Bodies;

namespace Harden.Gateway.Console.Pages;

/// <summary>Everything the record knows of one request.</summary>
internal static class EntryPage
{
    private static readonly JsonSerializerOptions Indented = new(AuditJson.Default.Options) { WriteIndented = true };

    public static Html Render(AuditView view)
    {
        var entry = view.Entry;
        return $"""
            <p class="back"><a href="/record">Record</a></p>
            <h1 class="target"><span class="method">{entry.Http?.Method}</span> <bdi>{entry.Http?.Path}</bdi></h1>
            <p class="lead">{Words.Answer(view)} {Words.Decision(entry.Decision?.Action)} {Words.Grounds(entry.Decision)}</p>
            <div class="cards two">
            {Section("When and which", [
                ("Began", Layout.Time(view.Time)),
                ("Took", entry.Timing is { } timing && view.State == AuditState.Complete ? (Html)$"{Milliseconds(timing.TotalUs)}" : Html.None),
                ("Until the record was safe", entry.Timing is { IntentUs: > 0 } safe ? (Html)$"{Milliseconds(safe.IntentUs)}" : Html.None),
                ("Until the first byte", entry.Timing is { FirstByteUs: > 0 } first ? (Html)$"{Milliseconds(first.FirstByteUs)}" : Html.None),
                ("Request id", Code(entry.RequestId)),
                ("Trace id", entry.TraceId.Length > 0 ? $"""<a href="/record/{Uri.EscapeDataString(entry.TraceId)}">{Code(entry.TraceId)}</a>""" : Html.None),
                ("Span id", Code(entry.SpanId))])}
            {Section("Who", [
                ("Name", $"<bdi>{Words.Actor(entry.Actor)}</bdi>"),
                ("Subject", Code(entry.Actor?.Subject)),
                ("Tenant", Code(entry.Actor?.Tenant)),
                ("Proved by", Text(entry.Actor?.Scheme)),
                ("Roles", Text(string.Join(", ", entry.Actor?.Roles ?? []))),
                ("Client address", Code(entry.Source?.Client)),
                ("Peer address", Code(entry.Source?.Peer)),
                ("Program", Text(entry.Source?.UserAgent))])}
            {Section("Decision", [
                ("Reason", Code(entry.Decision?.Reason)),
                ("Rule", Text(entry.Decision?.Rule)),
                ("Rules' version", Code(entry.Decision?.RuleVersion)),
                ("Limit", Text(entry.Decision?.Limit)),
                ("Audit rule", Text(entry.Body?.Rule)),
                ("Acted on", Code(entry.Decision?.Target)),
                ("Would have been denied", Text(entry.Decision?.WouldDeny)),
                ("Would have been limited", Text(entry.Decision?.WouldLimit)),
                ("Sent to the prototype", entry.Upstream is { } sent ? $"{Times(sent.Attempts)}" : Html.None),
                ("Prototype's fault", Code(entry.Upstream?.Error))])}
            {Section("Request", [
                ("Host", Code(entry.Http?.Host)),
                ("Query", Code(entry.Http?.Query)),
                ("Version", Text(entry.Http?.Version)),
                ("Body", Body(entry, BodySide.Request)),
                ("Messages", Messages(entry.Body?.Request)), .. Headers(entry.Http?.RequestHeaders)])}
            {Section("Answer", [
                ("Body", Body(entry, BodySide.Response)),
                ("Messages", Messages(entry.Body?.Response)),
                ("Closed first by", Text(entry.Body?.ClosedBy)), .. Headers(entry.Http?.ResponseHeaders)])}
            {Section("Taken out before writing", [.. entry.Redactions.Select(static r => (r.Pointer, (Html)$"{r.Rule}"))], "paths")}
            </div>
            <section aria-labelledby="entries"><h2 id="entries">Entries in the log</h2>
            <ol class="plain">{view.Parts.Select(Part)}</ol></section>
            """;
    }

    private static Html Section(string title, IEnumerable<(string Name, Html Value)> rows, string kind = "")
    {
        var shown = rows.Where(static row => row.Value.ToString().Length > 0).ToArray();
        return shown.Length == 0 ? Html.None
            : $"""<section><h2>{title}</h2><dl class="{kind}">{shown.Select(static row => (Html)$"<dt><bdi>{row.Name}</bdi></dt><dd>{row.Value}</dd>")}</dl></section>""";
    }

    private static Html Part(AuditEntry entry) => $"""
        <li><details><summary>{Layout.Time(entry.Time)} {Stage(entry.Stage)} <span class="soft">number {entry.Seq} of boot {entry.BootId}</span></summary>
        <pre tabindex="0">{JsonSerializer.Serialize(entry, Indented)}</pre></details></li>
        """;

    // The format calls whatever the prototype never saw a denial, a sign-in that went well too.
    private static string Stage(EntryStage stage) => stage == EntryStage.Denial ? "Not passed on" : stage.ToString();

    private static IEnumerable<(string, Html)> Headers(IReadOnlyDictionary<string, string>? headers) =>
        (headers ?? new Dictionary<string, string>()).Select(static header => (header.Key, Code(header.Value)));

    private static Html Body(AuditEntry entry, BodySide side)
    {
        if (BodyPage.Of(entry, side) is not { } body)
            return Html.None;
        var kept = body.NotCaptured is "level" ? "counted, not kept" : body.NotCaptured.Length > 0 ? $"not kept: {body.NotCaptured}" : body.Captured > 0 ? $"{Number(body.Captured)} kept{(body.Truncated ? ", cut" : "")}" : "";
        string[] parts = [$"{Number(body.Bytes)} bytes", body.Encoding, body.End, kept];
        Html link = body.Ref.Length > 0 ? $""" <a href="/body/{entry.RequestId}/{BodyPage.Name(side)}">Show</a>""" : Html.None;
        return $"{string.Join(", ", parts.Where(static part => part.Length > 0))}{link}";
    }

    private static Html Messages(AuditBody? body)
    {
        if (body is { Messages: > 0 })
            return $"{Number(body.Messages)}";
        if (body?.Frames is not { } frames)
            return Html.None;
        (string Word, long Count)[] kinds =
            [("text", frames.Text), ("binary", frames.Binary), ("continued", frames.Continuation), ("compressed", frames.Compressed), ("ping", frames.Ping), ("pong", frames.Pong), ("close", frames.Close), ("bytes that are no frames", frames.Unparsed)];
        var said = string.Join(", ", kinds.Where(static k => k.Count > 0).Select(static k => $"{Number(k.Count)} {k.Word}"));
        return frames.CloseCode > 0 ? $"{said}, code {frames.CloseCode}" : (Html)$"{said}";
    }

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static Html Code(string? value) => string.IsNullOrEmpty(value) ? Html.None : $"<code><bdi>{value}</bdi></code>";

    private static Html Text(string? value) => $"{value}";

    private static string Times(int attempts) => attempts == 1 ? "once" : $"{attempts} times";

    private static string Milliseconds(long microseconds) => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000.0:0.0} ms");
}
