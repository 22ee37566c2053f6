using System.Diagnostics.Metrics;

namespace Harden.Gateway.RateLimits;

/// <summary>Counts refusals by policy.</summary>
internal sealed class RateLimitMetrics(IMeterFactory meters)
{
    private readonly Counter<long> denied = meters.Create("Harden.Gateway").CreateCounter<long>(
        "harden.limits.denied", "{request}", "Requests refused by a limit, or that a ReportOnly limit would have refused.");

    /// <summary>Counts one refusal.</summary>
    public void Denied(RateLimitPolicyOptions policy) => denied.Add(1, new("policy", policy.Name), new("report_only", policy.ReportOnly));
}
