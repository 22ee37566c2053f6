using Harden.Gateway.Configuration;

namespace Harden.Gateway.RateLimits;

/// <summary>The policies in force at both places, rebuilt on a reload; those that count the same keep their counters.</summary>
internal sealed class RateLimitPolicies(Live<RateLimitsOptions> live, TimeProvider time, LimitStore? store = null)
{
    private readonly Lock reload = new();
    private Compiled current = new(new(), [], []);

    /// <summary>The policies for a place.</summary>
    /// <param name="beforeIdentity">True for those keyed by address, which run before sign-in.</param>
    public RateLimitPolicy[] For(bool beforeIdentity)
    {
        var compiled = Volatile.Read(ref current);
        if (!ReferenceEquals(compiled.Options, live.Current))
            compiled = Compile();
        return beforeIdentity ? compiled.Before : compiled.After;
    }

    private Compiled Compile()
    {
        lock (reload)
        {
            var options = live.Current;
            if (ReferenceEquals(current.Options, options))
                return current;
            var old = current.Before.Concat(current.After).ToDictionary(static p => p.Options.Name);
            RateLimitPolicyOptions[] all = options.Defaults
                ?
                [
                    new() { Name = "default-address", By = PartitionBy.Address, Permits = 100, Window = TimeSpan.FromSeconds(1), Burst = 1000 },
                    new() { Name = "default-subject", By = PartitionBy.Subject, Permits = 50, Window = TimeSpan.FromSeconds(1), Burst = 500 },
                    .. options.Policies,
                ]
                : options.Policies;
            var policies = Array.ConvertAll(all, p => new RateLimitPolicy(p, options, store, time, Kept(options, old, p.Name)));
            var next = new Compiled(options, Array.FindAll(policies, IsBefore), Array.FindAll(policies, static p => !IsBefore(p)));
            Volatile.Write(ref current, next);
            return next;
        }
    }

    // Shared limiters know what to do when Redis fails, so a change of that makes them anew; their counters are in Redis all the same.
    private RateLimitPolicy? Kept(RateLimitsOptions options, Dictionary<string, RateLimitPolicy> old, string name) =>
        store is null || (options.OnStoreFailure, options.StoreTimeout) == (current.Options.OnStoreFailure, current.Options.StoreTimeout) ? old.GetValueOrDefault(name) : null;

    private static bool IsBefore(RateLimitPolicy policy) => policy.Options.By == PartitionBy.Address;

    private sealed record Compiled(RateLimitsOptions Options, RateLimitPolicy[] Before, RateLimitPolicy[] After);
}
