using System.Globalization;
using Harden.Gateway.RateLimits.Shared;

namespace Harden.Gateway.RateLimits;

/// <summary>Makes the report of the limits. Walks all counters, but keeps no more of them than it shows.</summary>
internal sealed class LimitsReports(RateLimitPolicies policies, LimitStore? store = null)
{
    /// <summary>Most counters shown in each list.</summary>
    public const int Most = 20;

    /// <summary>The report.</summary>
    public LimitsReport Make() => new(store is null ? "memory" : "redis", [.. policies.All.OrderBy(static p => p.Options.Name, StringComparer.Ordinal).Select(Policy)]);

    private static LimitsReport.Policy Policy(RateLimitPolicy policy)
    {
        var consumers = new PriorityQueue<PartitionView, (long, long)>();
        var refused = new PriorityQueue<PartitionView, long>();
        var (count, accepted, denied) = (0, 0L, 0L);
        foreach (var view in policy.Limiter.Partitions())
        {
            if (view is { Accepted: 0, Denied: 0, Used: 0 })
                continue;
            (count, accepted, denied) = (count + 1, accepted + view.Accepted, denied + view.Denied);
            if (view.Used > 0)
                Keep(consumers, view, (view.Used, view.Accepted));
            if (view.Denied > 0)
                Keep(refused, view, view.Denied);
        }
        var options = policy.Options;
        return new(options.Name, options.Kind.ToString(), string.Join(" + ", options.ByOrDefault), Allows(options), options.ReportOnly, count, accepted, denied, Largest(consumers), Largest(refused));
    }

    private static void Keep<TRank>(PriorityQueue<PartitionView, TRank> most, PartitionView view, TRank rank)
    {
        if (most.Count < Most)
            most.Enqueue(view, rank);
        else
            most.EnqueueDequeue(view, rank);
    }

    private static LimitsReport.Partition[] Largest<TRank>(PriorityQueue<PartitionView, TRank> most)
    {
        var sorted = new LimitsReport.Partition[most.Count];
        for (var i = sorted.Length - 1; i >= 0; i--)
        {
            var view = most.Dequeue();
            sorted[i] = new(view.Name.ToString(), view.Used, view.Accepted, view.Denied);
        }
        return sorted;
    }

    private static string Allows(RateLimitPolicyOptions policy) => policy.Kind switch
    {
        LimitKind.Rate => string.Create(CultureInfo.InvariantCulture, $"{policy.Permits} in {Words(policy.WindowOrDefault)}, bursts of {policy.Capacity}"),
        LimitKind.Window => string.Create(CultureInfo.InvariantCulture, $"{policy.Permits} in any {Words(policy.WindowOrDefault)}"),
        LimitKind.Quota => string.Create(CultureInfo.InvariantCulture, $"{policy.Permits} a day (UTC)"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{policy.Permits} at once, {policy.Queue} waiting"),
    };

    private static string Words(TimeSpan span) => span.TotalSeconds switch
    {
        var s when s % 3600 == 0 => string.Create(CultureInfo.InvariantCulture, $"{s / 3600} h"),
        var s when s % 60 == 0 => string.Create(CultureInfo.InvariantCulture, $"{s / 60} min"),
        var s => string.Create(CultureInfo.InvariantCulture, $"{s} s"),
    };
}
