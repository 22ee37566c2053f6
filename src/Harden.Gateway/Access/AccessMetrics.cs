using System.Diagnostics.Metrics;

namespace Harden.Gateway.Access;

/// <summary>Counts refusals, and what ReportOnly rules would have refused, by rule.</summary>
internal sealed class AccessMetrics(IMeterFactory meters)
{
    private readonly Counter<long> denied = meters.Create("Harden.Gateway").CreateCounter<long>(
        "harden.access.denied", "{request}", "Requests refused by access rules, or that a ReportOnly rule would have refused.");

    /// <summary>Counts one refusal.</summary>
    public void Denied(AccessRules.Verdict verdict) => denied.Add(1,
        new("rule", verdict.Rule ?? "default"), new("reason", verdict.Reason), new("report_only", verdict.ReportOnly));
}
