using Harden.Gateway.Console.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Gateway.Console.Pages;

/// <summary>Every health check, and what it means.</summary>
internal static class HealthPage
{
    public static Html Render(HealthReport report) => $"""
        <h1>Health {Badge(report.Status)}</h1>
        <p class="lead">{Meaning(report.Status)}</p>
        {Table(report)}
        <p class="soft">A load balancer asks <code>/.harden/health/ready</code> on the app's listener: it answers 200 unless a check that decides readiness fails. A scraper gets this page as JSON.</p>
        """;

    /// <summary>The checks in a short list.</summary>
    public static Html List(HealthReport report) => report.Entries.Count == 0 ? Nothing : $"""
        <ul class="plain">{report.Entries.Select(static entry => (Html)$"""<li>{Badge(entry.Value.Status)} {entry.Key} <span class="soft">{Text(entry.Value)}</span></li>""")}</ul>
        """;

    /// <summary>A state in a coloured frame.</summary>
    public static Html Badge(HealthStatus status) =>
        Layout.Badge(status.ToString(), status switch { HealthStatus.Healthy => "good", HealthStatus.Degraded => "warn", _ => "bad" });

    private static Html Nothing => $"""<p class="soft">The gateway answers; there is nothing else that it checks.</p>""";

    private static Html Table(HealthReport report) => report.Entries.Count == 0 ? Nothing : $"""
        <table role="table"><caption class="hidden">Health checks</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Check</th><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">What it says</th><th role="columnheader" scope="col">Decides readiness</th><th role="columnheader" scope="col" class="number">Took</th></tr></thead>
        <tbody role="rowgroup">{report.Entries.Select(Row)}</tbody></table>
        """;

    private static Html Row(KeyValuePair<string, HealthReportEntry> entry) => $"""
        <tr role="row"><th role="rowheader" scope="row">{entry.Key}</th><td role="cell">{Badge(entry.Value.Status)}</td><td role="cell">{Text(entry.Value)}</td>
        <td role="cell" data-label="Decides readiness">{(entry.Value.Tags.Contains(HealthProbe.ReadyTag) ? "yes" : "no")}</td><td role="cell" class="number" data-label="Took">{(long)entry.Value.Duration.TotalMilliseconds} ms</td></tr>
        """;

    private static string Text(HealthReportEntry entry) => entry.Description ?? (entry.Status == HealthStatus.Healthy ? "" : "It gave no reason; the gateway's own log may.");

    private static string Meaning(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "Everything the gateway needs works.",
        HealthStatus.Degraded => "The gateway serves, but something it would like to use does not work.",
        _ => "Something the gateway needs does not work. Requests may fail until it is mended.",
    };
}
