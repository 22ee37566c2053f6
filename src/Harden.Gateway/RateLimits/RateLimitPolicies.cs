using Harden.Gateway.Configuration;
using Harden.Gateway.RateLimits.Shared;

namespace Harden.Gateway.RateLimits;

/// <summary>The policies in force at both places, rebuilt on a reload; their counters stay wherever they mean the same.</summary>
internal sealed class RateLimitPolicies(Live<RateLimitsOptions> live, TimeProvider time, QuotaFiles quotas, LimitStore? store = null)
{
    private readonly Lock reload = new();
    private Compiled current = new(new(), [], []);

    /// <summary>Every policy.</summary>
    public IEnumerable<RateLimitPolicy> All => For(beforeIdentity: true).Concat(For(beforeIdentity: false));

    /// <summary>The policies for a place: those that count first, then those that may make a request wait.</summary>
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
            var policies = Array.ConvertAll(options.All, p => new RateLimitPolicy(p, old.GetValueOrDefault(p.Name), previous => Limiter(p, previous)));
            Array.Sort(policies, static (a, b) => (a.Options.Kind == LimitKind.Concurrency).CompareTo(b.Options.Kind == LimitKind.Concurrency));
            var next = new Compiled(options, Array.FindAll(policies, static p => p.BeforeIdentity), Array.FindAll(policies, static p => !p.BeforeIdentity));
            Volatile.Write(ref current, next);
            return next;
        }
    }

    private PolicyLimiter Limiter(RateLimitPolicyOptions policy, PolicyLimiter? previous)
    {
        var limiter = PolicyLimiters.Create(policy, live, store, time, previous);
        if (previous is null && limiter is Counting.QuotaLimiter quota)
            quotas.Restore(policy.Name, quota);
        return limiter;
    }

    private sealed record Compiled(RateLimitsOptions Options, RateLimitPolicy[] Before, RateLimitPolicy[] After);
}
