using Harden.Gateway.Configuration;
using Harden.Gateway.RateLimits.Counting;
using Harden.Gateway.RateLimits.Shared;

namespace Harden.Gateway.RateLimits;

/// <summary>Makes the limiter of a policy, with the counters of the one before a reload.</summary>
internal static class PolicyLimiters
{
    /// <summary>The limiter of a policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="live">The section.</param>
    /// <param name="store">Redis; null to count in memory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="previous">The limiter of the same policy before a reload, if its owners are the same; else null.</param>
    public static PolicyLimiter Create(RateLimitPolicyOptions policy, Live<RateLimitsOptions> live, LimitStore? store, TimeProvider time, PolicyLimiter? previous)
    {
        var most = live.Current.MaxPartitions;
        return store is null || policy.Kind == LimitKind.Concurrency
            ? Local(policy, 1, most, time, previous)
            : new SharedLimiter(policy, Table((previous as SharedLimiter)?.Table, most), store, live, time);
    }

    /// <summary>A limiter in memory for one of several replicas that share the policy evenly, of which each lets at least the heaviest request pass.</summary>
    public static PolicyLimiter Local(RateLimitPolicyOptions policy, int replicas, int most, TimeProvider time, PolicyLimiter? previous)
    {
        var heaviest = replicas == 1 ? 1 : policy.LargestWeight;
        var permits = Math.Max(1, policy.Permits / replicas);
        return policy.Kind switch
        {
            LimitKind.Rate => new GcraLimiter(permits, policy.WindowOrDefault, Math.Max(heaviest, policy.Capacity / replicas), Table((previous as GcraLimiter)?.Table, most), time),
            LimitKind.Window => new WindowLimiter(Math.Max(heaviest, permits), policy.WindowOrDefault, Table((previous as WindowLimiter)?.Table, most), time),
            LimitKind.Quota => new QuotaLimiter(Math.Max(heaviest, permits), Table((previous as QuotaLimiter)?.Table, most), time),
            _ => Concurrency(policy, previous),
        };
    }

    private static ConcurrencyLimits Concurrency(RateLimitPolicyOptions policy, PolicyLimiter? previous)
    {
        // On trial nobody waits: who would have waited passes, and takes the place that it would have had in the queue.
        var (permits, queue) = policy.ReportOnly ? (policy.Permits + policy.Queue, 0) : (policy.Permits, policy.Queue);
        return previous is ConcurrencyLimits same && same.Same(permits, queue) ? same : new(permits, queue);
    }

    private static PartitionTable<TCell> Table<TCell>(PartitionTable<TCell>? previous, int most)
        where TCell : Cell, new()
    {
        if (previous is null)
            return new() { Most = most };
        previous.Most = most;
        return previous;
    }
}
