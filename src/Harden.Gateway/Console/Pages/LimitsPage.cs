namespace Harden.Gateway.Console.Pages;

/// <summary>The limits in force, who uses most of each, whom they refuse, and a way to let one of them begin anew.</summary>
internal static class LimitsPage
{
    public static Html Render(LimitsReport report, bool mayReset) => $"""
        <h1>Limits</h1>
        <p class="lead">{(report.Store == "redis" ? "Counters are in Redis, for all replicas. What follows is what this replica has seen of them." : "Counters are in the memory of this gateway.")}</p>
        {(report.Policies.Count == 0 ? Nothing : report.Policies.Select(policy => Policy(policy, mayReset)).Aggregate(Html.None, static (all, one) => $"{all}{one}"))}
        <p class="soft">Listed are the 20 counters of each limit of which most is in use, and the 20 by which most was refused. <code>harden limits</code> shows the same on the gateway's own machine, and <code>/limits.json</code> gives it to programs.</p>
        """;

    private static Html Nothing => $"""<p class="soft">No limit is configured: RateLimits in harden.json.</p>""";

    private static Html Policy(LimitsReport.Policy policy, bool mayReset) => $"""
        <section class="limit"><h2>{policy.Name} {(policy.ReportOnly ? Layout.Badge("on trial", "info") : Html.None)}</h2>
        <p>{policy.Allows}, by {policy.By}. {policy.Partitions} {(policy.Partitions == 1 ? "counter" : "counters")}, {policy.Accepted} let through, {policy.Denied} {Refused(policy)}.</p>
        {Table(policy, [.. policy.Consumers.UnionBy(policy.Refused, static p => p.Name)], mayReset)}</section>
        """;

    private static string Refused(LimitsReport.Policy policy) => policy.ReportOnly ? "would have been refused" : "refused";

    private static Html Table(LimitsReport.Policy policy, LimitsReport.Partition[] partitions, bool mayReset) => partitions.Length == 0 ? Html.None : $"""
        <table role="table"><caption class="hidden">Counters of {policy.Name}: those of which most is in use, and those by which most was refused</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Counter</th><th role="columnheader" scope="col" class="number">In use</th><th role="columnheader" scope="col" class="number">Let through</th><th role="columnheader" scope="col" class="number">{(policy.ReportOnly ? "Would be refused" : "Refused")}</th>{(mayReset ? (Html)$"""<th role="columnheader" scope="col">Reset</th>""" : Html.None)}</tr></thead>
        <tbody role="rowgroup">{partitions.Select(partition => Row(policy, partition, mayReset))}</tbody></table>
        """;

    private static Html Row(LimitsReport.Policy policy, LimitsReport.Partition partition, bool mayReset) => $"""
        <tr role="row"><th role="rowheader" scope="row"><code>{partition.Name}</code></th><td role="cell" class="number" data-label="In use">{partition.Used}</td>
        <td role="cell" class="number" data-label="Let through">{partition.Accepted}</td><td role="cell" class="number" data-label="Refused">{partition.Denied}</td>{(mayReset ? Reset(policy, partition) : Html.None)}</tr>
        """;

    private static Html Reset(LimitsReport.Policy policy, LimitsReport.Partition partition) => policy.Kind == "Concurrency" ? (Html)$"""<td role="cell"></td>""" : $"""
        <td role="cell"><form method="post" action="/limits/reset"><input type="hidden" name="policy" value="{policy.Name}"><input type="hidden" name="partition" value="{partition.Name}">
        <button aria-label="Reset {partition.Name}">Reset</button></form></td>
        """;
}
