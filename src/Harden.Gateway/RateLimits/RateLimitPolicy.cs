using System.Globalization;

namespace Harden.Gateway.RateLimits;

/// <summary>One policy in force: whom it concerns, what a request costs, and its counters.</summary>
internal sealed class RateLimitPolicy
{
    private readonly Partitioning owners;
    private readonly Selector all;
    private readonly (Selector Requests, int Weight)[] routes;

    /// <summary>Makes a policy.</summary>
    /// <param name="options">What it says.</param>
    /// <param name="previous">The policy of the same name before a reload.</param>
    /// <param name="create">Makes the limiter, from the one before if its counters mean the same.</param>
    public RateLimitPolicy(RateLimitPolicyOptions options, RateLimitPolicy? previous, Func<PolicyLimiter?, PolicyLimiter> create)
    {
        Options = options;
        owners = new(options);
        all = new(options.Paths, options.Methods);
        routes = [.. options.Routes.Select(static r => (new Selector(r.Paths, r.Methods), r.Weight))];
        Limiter = create(previous is not null && previous.Options.Kind == options.Kind && previous.owners.Same(owners) ? previous.Limiter : null);
        var window = options.Kind == LimitKind.Quota ? TimeSpan.FromDays(1) : options.WindowOrDefault;
        Declared = options.Kind == LimitKind.Concurrency
            ? string.Create(CultureInfo.InvariantCulture, $"\"{options.Name}\";q={options.Permits};qu=\"concurrent-requests\"")
            : string.Create(CultureInfo.InvariantCulture, $"\"{options.Name}\";q={options.Capacity};w={Math.Max(1, (long)Math.Ceiling(window.TotalSeconds))}");
    }

    public RateLimitPolicyOptions Options { get; }

    /// <summary>Its counters.</summary>
    public PolicyLimiter Limiter { get; }

    /// <summary>Its item of the <c>RateLimit-Policy</c> field (draft-ietf-httpapi-ratelimit-headers).</summary>
    public string Declared { get; }

    /// <summary>True if it is asked before anybody knows who asks.</summary>
    public bool BeforeIdentity => owners.BeforeIdentity;

    /// <summary>Whose counter a request uses, and how much of it; false if the policy doesn't concern the request.</summary>
    public bool Concerns(HttpRequest request, RequestScope scope, bool console, out PartitionKey key, out int weight)
    {
        (key, weight) = (default, Options.Weight);
        if (!(console ? Options.OnConsole : Options.OnApp) || !all.Fits(scope.Path, request.Method, out var pattern))
            return false;
        foreach (var route in routes)
        {
            if (!route.Requests.Fits(scope.Path, request.Method, out var own))
                continue;
            (weight, pattern) = (route.Weight, own);
            break;
        }
        if (owners.Of(request, scope, pattern) is not { } owner)
            return false;
        key = owner;
        return true;
    }

    /// <summary>Requests by path and method.</summary>
    private sealed class Selector(string[] paths, string[] methods)
    {
        private readonly PathPattern[] patterns = [.. paths.Select(static p => PathPattern.TryParse(p, out _)!)];

        public bool Fits(string path, string method, out string? pattern)
        {
            pattern = null;
            if (methods.Length > 0 && !Array.Exists(methods, m => MethodName.Covers(m, method)))
                return false;
            for (var i = 0; i < patterns.Length; i++)
            {
                if (!patterns[i].Matches(path))
                    continue;
                pattern = paths[i];
                return true;
            }
            return patterns.Length == 0;
        }
    }
}
