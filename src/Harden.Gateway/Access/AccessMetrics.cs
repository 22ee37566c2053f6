using System.Diagnostics.Metrics;

namespace Harden.Gateway.Access;

/// <summary>Counts refusals, and what ReportOnly rules would have refused, by rule.</summary>
internal sealed class AccessMetrics(IMeterFactory meters)
{
    private readonly Counter<long> denied = meters.Create("Harden.Gateway").CreateCounter<long>(
        "harden.access.denied", "{request}", "Requests refused by access rules, or that a ReportOnly rule would have refused.");

    /// <summary>Counts one refusal.</summary>
    public void Denied(string? rule, string reason, bool reportOnly) => denied.Add(1,
        new("rule", rule ?? "default"), new("reason", reason), new("report_only", reportOnly));
}
