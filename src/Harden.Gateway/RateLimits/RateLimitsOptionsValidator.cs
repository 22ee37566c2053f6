using Harden.Gateway.Configuration;

namespace Harden.Gateway.RateLimits;

/// <summary>What annotations can't say of <see cref="RateLimitsOptions"/>.</summary>
internal static class RateLimitsOptionsValidator
{
    // What proves who somebody is must not become the name of a counter.
    private static readonly string[] Credentials = ["Authorization", "Proxy-Authorization", "Cookie"];

    // An empty bucket that takes longer than this to fill is a mistyped number, and would not fit the arithmetic.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    public static void Validate(RateLimitsOptions options, Problems problems)
    {
        for (var i = 0; i < options.Policies.Length; i++)
        {
            var policy = options.Policies[i];
            var key = $"RateLimits:Policies:{i}";
            Paths($"{key}:Paths", policy.Paths, problems);
            Methods($"{key}:Methods", policy.Methods, problems);
            Numbers(key, policy, problems);
            Owners(key, policy, problems);
            for (var r = 0; r < policy.Routes.Length; r++)
            {
                var route = policy.Routes[r];
                Paths($"{key}:Routes:{r}:Paths", route.Paths, problems);
                Methods($"{key}:Routes:{r}:Methods", route.Methods, problems);
                if (route.Paths.Length > 0 && Array.Exists(policy.Routes[..r], earlier => Decides(earlier, route)))
                    problems.Add($"{key}:Routes:{r}", "can never decide: an earlier route decides every request it matches. Move it up or remove it.");
                if (route.Paths.Length == 0)
                    problems.Add($"{key}:Routes:{r}:Paths", "is needed: which requests this weight is for, such as /chat/**.");
                Weight($"{key}:Routes:{r}:Weight", route.Weight, policy, problems);
            }
            if (options.Policies.Take(i).Any(earlier => earlier.Name.Equals(policy.Name, StringComparison.OrdinalIgnoreCase))
                || (options.Defaults && policy.Name.StartsWith("default-", StringComparison.OrdinalIgnoreCase)))
                problems.Add($"{key}:Name", "is taken by another policy. Give each its own name; those beginning with default- belong to RateLimits:Defaults.");
        }
    }

    private static void Paths(string key, string[] paths, Problems problems)
    {
        for (var p = 0; p < paths.Length; p++)
        {
            if (PathPattern.TryParse(paths[p], out var mend) is null)
                problems.Add($"{key}:{p}", mend);
        }
    }

    private static void Methods(string key, string[] methods, Problems problems)
    {
        for (var m = 0; m < methods.Length; m++)
        {
            if (MethodName.Mend(methods[m]) is { } mend)
                problems.Add($"{key}:{m}", mend);
        }
    }

    private static bool Decides(RateLimitRouteOptions earlier, RateLimitRouteOptions route) =>
        Array.TrueForAll(route.Paths, path => PathPattern.TryParse(path, out _) is { } narrow && Array.Exists(earlier.Paths, p => PathPattern.TryParse(p, out _) is { } wide && wide.Covers(narrow)))
        && (earlier.Methods.Length == 0 || (route.Methods.Length > 0 && Array.TrueForAll(route.Methods, method => Array.Exists(earlier.Methods, m => MethodName.Covers(m, method)))));

    private static void Numbers(string key, RateLimitPolicyOptions policy, Problems problems)
    {
        if (policy.Kind != LimitKind.Rate && policy.Burst is not null)
            problems.Add($"{key}:Burst", $"has no meaning for Kind {policy.Kind}. Remove it; Permits is all there is.");
        if (policy.Kind is LimitKind.Quota or LimitKind.Concurrency && policy.Window is not null)
            problems.Add($"{key}:Window", policy.Kind == LimitKind.Quota
                ? "has no meaning for Kind Quota, which counts days of UTC. Remove it, or use Kind Window for any other time."
                : "has no meaning for Kind Concurrency. Remove it; Permits is how many may run at the same time.");
        if (policy.Kind != LimitKind.Concurrency && policy.Queue > 0)
            problems.Add($"{key}:Queue", $"has no meaning for Kind {policy.Kind}: callers are told when to come back instead. Remove it, or use Kind Concurrency.");
        if (policy is { Kind: LimitKind.Rate, Permits: > 0 } && policy.WindowOrDefault / policy.Permits * policy.Capacity > Longest)
            problems.Add($"{key}:Burst", "would take more than a year to fill again. Lower it, or raise Permits.");
        Weight($"{key}:Weight", policy.Weight, policy, problems);
    }

    private static void Weight(string key, int weight, RateLimitPolicyOptions policy, Problems problems)
    {
        if (policy.Permits > 0 && weight > policy.Capacity)
            problems.Add(key, $"is more than the {policy.Capacity} permits the policy can ever hold, so that every such request would be refused. Lower it, or raise Permits or Burst.");
    }

    private static void Owners(string key, RateLimitPolicyOptions policy, Problems problems)
    {
        if (policy.By.Distinct().Count() != policy.By.Length)
            problems.Add($"{key}:By", "names the same owner twice. Name each once.");
        if (!new Partitioning(policy).BeforeIdentity && policy.Paths.Length > 0 && Array.TrueForAll(policy.Paths, ReservedPrefix.Owns))
            problems.Add($"{key}:Paths", "are all Harden's own, which only policies by address are asked for. Use Address in By, without a caller, or other Paths.");
        if (policy.By.Contains(PartitionBy.App) && policy.By.Length > 1)
            problems.Add($"{key}:By", "combines App, which is one counter for all, with others. Remove App.");
        if (policy.By.Contains(PartitionBy.Route) && policy.Paths.Length + policy.Routes.Length == 0)
            problems.Add($"{key}:By", "says Route, but the policy names none. Add Paths or Routes: each pattern is a route.");
        if (policy.By.Contains(PartitionBy.Header) != policy.Header is { Length: > 0 })
            problems.Add($"{key}:Header", "and By must agree: By Header needs the name of a request header here, such as X-Customer, and a name here needs Header in By.");
        else if (policy.Header is { Length: > 0 } name && !name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
            problems.Add($"{key}:Header", "must be the name of a request header, such as X-Customer.");
        else if (IdentityHeaders.Reserves(policy.Header ?? ""))
            problems.Add($"{key}:Header", "is taken out of every request before anything is counted, so that all would share one counter. Use Address, Subject or Tenant in By.");
        else if (Credentials.Contains(policy.Header, StringComparer.OrdinalIgnoreCase))
            problems.Add($"{key}:Header", "carries credentials, which must not name a counter. Use Subject or ApiKey in By.");
    }
}
