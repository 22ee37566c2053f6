using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Harden.Gateway;

/// <summary>Whether Redis answers. It doesn't decide readiness: what is done without it is said by <c>Session:OnStoreFailure</c> and <c>RateLimits:OnStoreFailure</c>, at every replica alike.</summary>
internal sealed class RedisHealth(RedisConnection redis) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            if (redis.Database is { } database)
            {
                await database.PingAsync().WaitAsync(Patience, cancellationToken);
                return HealthCheckResult.Healthy("Redis answers.");
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
        }
        return HealthCheckResult.Degraded("Redis doesn't answer. Meanwhile Session:OnStoreFailure and RateLimits:OnStoreFailure say what is let through.");
    }
}
