using System.Diagnostics.Metrics;
using System.Globalization;
using System.Threading.RateLimiting;

namespace Harden.Gateway.RateLimits;

/// <summary>
/// Asks every policy of its place that matches. One refusal refuses the request; what other policies had already granted for a time
/// (concurrency) is given back. Permits of a concurrency policy are held until the response, stream or WebSocket has ended.
/// </summary>
internal sealed class RateLimitMiddleware(RequestDelegate next, RateLimitPolicies policies, RateLimitMetrics metrics, bool beforeIdentity)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        List<RateLimitLease>? held = null; // only concurrency leases need to be given back
        try
        {
            foreach (var policy in policies.For(beforeIdentity))
            {
                if (!policy.Matches(scope.Path))
                    continue;
                RateLimitLease lease;
                try
                {
                    lease = await policy.AcquireAsync(scope, context.RequestAborted);
                }
                catch (OperationCanceledException)
                {
                    return; // the client left while it waited in a queue: nobody to answer, nothing to forward
                }
                if (policy.Options.Kind == LimitKind.Concurrency)
                    (held ??= []).Add(lease);
                Declare(context.Response.Headers, policy, lease as GcraLimiter.Lease);
                if (lease.IsAcquired)
                    continue;
                metrics.Denied(policy.Options);
                if (!policy.Options.ReportOnly)
                {
                    await RefuseAsync(context, scope, policy, lease);
                    return;
                }
                scope.WouldLimit = policy.Options.Name;
            }
            await next(context);
        }
        finally
        {
            held?.ForEach(static lease => lease.Dispose());
        }
    }

    private static void Declare(IHeaderDictionary headers, RateLimitPolicy policy, GcraLimiter.Lease? lease)
    {
        headers.Append("RateLimit-Policy", policy.Declared);
        if (lease is not null)
            headers.Append("RateLimit", string.Create(CultureInfo.InvariantCulture, $"\"{policy.Options.Name}\";r={lease.Remaining};t={(long)Math.Ceiling(lease.Reset.TotalSeconds)}"));
    }

    private static Task RefuseAsync(HttpContext context, RequestScope scope, RateLimitPolicy policy, RateLimitLease lease)
    {
        scope.Decision = scope.Decision with { Action = DecisionAction.Limit, Reason = policy.Options.Kind == LimitKind.Rate ? "rate" : "concurrency", Limit = policy.Options.Name };
        var seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)) : 1;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Answer.WriteAsync(context, StatusCodes.Status429TooManyRequests, "Too many requests",
            string.Create(CultureInfo.InvariantCulture, $"The limit \"{policy.Options.Name}\" is used up. Try again in {seconds} {(seconds == 1 ? "second" : "seconds")}."));
    }
}

/// <summary>Counts refusals by policy.</summary>
internal sealed class RateLimitMetrics(IMeterFactory meters)
{
    private readonly Counter<long> denied = meters.Create("Harden.Gateway").CreateCounter<long>(
        "harden.limits.denied", "{request}", "Requests refused by a limit, or that a ReportOnly limit would have refused.");

    /// <summary>Counts one refusal.</summary>
    public void Denied(RateLimitPolicyOptions policy) => denied.Add(1, new("policy", policy.Name), new("report_only", policy.ReportOnly));
}
