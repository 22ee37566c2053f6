using Harden.Gateway.RateLimits.Counting;

namespace Harden.Gateway.RateLimits;

/// <summary>Writes daily quotas that are counted in memory to disk, off the request path.</summary>
internal sealed class QuotaKeeper(RateLimitPolicies policies, QuotaFiles files, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, (QuotaLimiter Limiter, long Changes)> saved = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Save();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Save();
        }
        catch (OperationCanceledException)
        {
            // Stopping: the last state is written by StopAsync.
        }
    }

    private void Save()
    {
        foreach (var policy in policies.All)
        {
            if (policy.Limiter is not QuotaLimiter quota || saved.GetValueOrDefault(policy.Options.Name) == (quota, quota.Changes))
                continue;
            saved[policy.Options.Name] = (quota, quota.Changes); // before, so that what comes meanwhile is written next time
            files.Save(policy.Options.Name, quota);
        }
    }
}
