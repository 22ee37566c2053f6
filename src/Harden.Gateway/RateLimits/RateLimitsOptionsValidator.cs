using Harden.Gateway.Configuration;

namespace Harden.Gateway.RateLimits;

/// <summary>What annotations can't say of <see cref="RateLimitsOptions"/>.</summary>
internal static class RateLimitsOptionsValidator
{
    public static void Validate(RateLimitsOptions options, Problems problems)
    {
        for (var i = 0; i < options.Policies.Length; i++)
        {
            var policy = options.Policies[i];
            var key = $"RateLimits:Policies:{i}";
            for (var p = 0; p < policy.Paths.Length; p++)
            {
                if (PathPattern.TryParse(policy.Paths[p], out var mend) is null)
                    problems.Add($"{key}:Paths:{p}", mend);
            }
            if (policy.Kind == LimitKind.Concurrency && policy.Burst is not null)
                problems.Add($"{key}:Burst", "has no meaning for Kind Concurrency. Remove it; Permits is how many may run at the same time.");
            if (policy.Kind == LimitKind.Rate && policy.Queue > 0)
                problems.Add($"{key}:Queue", "has no meaning for Kind Rate: callers are told when to come back instead. Remove it, or use Kind Concurrency.");
            if (policy.Permits > 0 && policy.Weight > (policy.Burst ?? policy.Permits))
                problems.Add($"{key}:Weight", "is more than the policy can ever hold, so that every request would be refused. Lower it, or raise Permits or Burst.");
            if (options.Policies.Take(i).Any(earlier => earlier.Name.Equals(policy.Name, StringComparison.OrdinalIgnoreCase))
                || (options.Defaults && policy.Name.StartsWith("default-", StringComparison.OrdinalIgnoreCase)))
                problems.Add($"{key}:Name", "is taken by another policy. Give each its own name; those beginning with default- belong to RateLimits:Defaults.");
        }
    }
}
