using System.Threading.RateLimiting;

namespace Harden.Gateway.RateLimits;

/// <summary>The counters of one policy, and what an administrator may see and do with them.</summary>
internal abstract class PolicyLimiter : PartitionedRateLimiter<PartitionKey>
{
    /// <summary>The counters there are, each as it stands now.</summary>
    public abstract IEnumerable<PartitionView> Partitions();

    /// <summary>Starts one anew, by its name.</summary>
    public abstract ValueTask<ResetOutcome> ResetAsync(string partition);
}

/// <summary>One counter.</summary>
/// <param name="Name">Its owner, as <see cref="PartitionKey.ToString"/> says it.</param>
/// <param name="Used">Permits in use now, as far as this replica knows.</param>
/// <param name="Accepted">Requests that this replica let through since it began to count for this owner.</param>
/// <param name="Denied">Requests that it refused, or would have.</param>
internal readonly record struct PartitionView(PartitionKey Name, long Used, long Accepted, long Denied);

/// <summary>What became of a reset.</summary>
internal enum ResetOutcome
{
    /// <summary>The counter starts anew.</summary>
    Done,

    /// <summary>There is no counter of that name.</summary>
    Unknown,

    /// <summary>Redis could not be asked; only this replica has forgotten what it knew.</summary>
    OnlyHere,

    /// <summary>Permits in use belong to requests that run.</summary>
    Running,
}
