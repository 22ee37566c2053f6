using System.Globalization;
using System.Threading.RateLimiting;

namespace Harden.Gateway.RateLimits;

/// <summary>One policy in force: whom it concerns, and its counters.</summary>
internal sealed class RateLimitPolicy
{
    private readonly PathPattern[] paths;
    private readonly PartitionedRateLimiter<PartitionKey> limiter;

    /// <summary>Makes a policy, or takes over the counters of the one before a reload.</summary>
    public RateLimitPolicy(RateLimitPolicyOptions options, RateLimitsOptions section, LimitStore? store, TimeProvider time, RateLimitPolicy? previous)
    {
        Options = options;
        paths = [.. options.Paths.Select(static p => PathPattern.TryParse(p, out _)!)];
        limiter = previous is not null && previous.CountsAs(options) ? previous.limiter : Create(options, section, store, time);
        var window = Math.Max(1, (long)Math.Ceiling(options.Window.TotalSeconds));
        Declared = options.Kind == LimitKind.Rate
            ? string.Create(CultureInfo.InvariantCulture, $"\"{options.Name}\";q={options.Burst ?? options.Permits};w={window}")
            : string.Create(CultureInfo.InvariantCulture, $"\"{options.Name}\";q={options.Permits};qu=\"concurrent-requests\"");
    }

    public RateLimitPolicyOptions Options { get; }

    /// <summary>Its item of the <c>RateLimit-Policy</c> field (draft-ietf-httpapi-ratelimit-headers).</summary>
    public string Declared { get; }

    /// <summary>True if its counters are those of the given options, so that a reload keeps them.</summary>
    public bool CountsAs(RateLimitPolicyOptions other) =>
        (Options.Name, Options.By, Options.Kind, Options.Permits, Options.Window, Options.Burst, Options.Queue)
        == (other.Name, other.By, other.Kind, other.Permits, other.Window, other.Burst, other.Queue);

    /// <summary>True if the policy applies to the path.</summary>
    public bool Matches(string path)
    {
        foreach (var pattern in paths)
        {
            if (pattern.Matches(path))
                return true;
        }
        return paths.Length == 0;
    }

    /// <summary>Asks for the request's permits. May wait in the queue of a <c>Concurrency</c> policy.</summary>
    public ValueTask<RateLimitLease> AcquireAsync(RequestScope scope, CancellationToken gone) =>
        limiter.AcquireAsync(PartitionKey.Of(scope, Options.By), Options.Weight, gone);

    // Concurrency is always local: a replica protects the prototype from itself, and a permit in Redis would outlive a crash.
    private static PartitionedRateLimiter<PartitionKey> Create(RateLimitPolicyOptions options, RateLimitsOptions section, LimitStore? store, TimeProvider time) =>
        options.Kind == LimitKind.Rate
            ? store is null
                ? new GcraLimiter(options.Permits, options.Window, options.Burst ?? options.Permits, time)
                : new SharedGcraLimiter(options, section, store, time)
            : PartitionedRateLimiter.Create<PartitionKey, PartitionKey>(key => RateLimitPartition.GetConcurrencyLimiter(key, _ => new()
            {
                PermitLimit = options.Permits,
                QueueLimit = options.Queue,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));
}
