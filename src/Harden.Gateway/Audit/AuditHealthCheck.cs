using Harden.Audit;
using Harden.Gateway.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Gateway.Audit;

/// <summary>A gateway that promises a record and can't make one is not ready: it would answer everything with 503.</summary>
internal sealed class AuditHealthCheck(AuditTrail trail, Live<AuditOptions> live) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(trail.State == LogState.Healthy ? HealthCheckResult.Healthy("The audit log can be written.")
            : live.Current.Guarantee == AuditGuarantee.Strict ? HealthCheckResult.Unhealthy(trail.Trouble)
            : HealthCheckResult.Degraded(trail.Trouble));
}
