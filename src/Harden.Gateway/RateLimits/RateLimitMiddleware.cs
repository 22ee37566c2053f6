using System.Globalization;
using System.Threading.RateLimiting;

namespace Harden.Gateway.RateLimits;

/// <summary>
/// Asks every policy of its place that concerns the request. If any refuses, the longest wait answers and what the others granted is given
/// back: who is refused uses nobody's budget. Permits of a concurrency policy are held until the response, stream or WebSocket has ended.
/// </summary>
internal sealed class RateLimitMiddleware(RequestDelegate next, RateLimitPolicies policies, RateLimitMetrics metrics, bool beforeIdentity)
{
    public Task InvokeAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var console = beforeIdentity && ManagementConnection.Carries(context); // the second place is the app's alone
        var all = policies.For(beforeIdentity);
        LimitLease? taken = null;
        for (var i = 0; i < all.Length; i++)
        {
            var policy = all[i];
            if (!policy.Concerns(context.Request, scope, console, out var key, out var weight))
                continue;
            if (policy.Options.Kind == LimitKind.Concurrency)
                return AskAsync(context, scope, console, all.AsMemory(i), taken, null);
            var asked = policy.Limiter.AcquireAsync(key, weight, context.RequestAborted);
            if (!asked.IsCompletedSuccessfully)
                return AskAsync(context, scope, console, all.AsMemory(i), taken, asked);
            var lease = (LimitLease)asked.Result;
            if (!lease.IsAcquired)
                return AskAsync(context, scope, console, all.AsMemory(i), taken, new(lease));
            (lease.Earlier, taken) = (taken, lease);
            if (!policy.Options.ReportOnly)
                Declare(context.Response.Headers, policy, lease);
        }
        return next(context); // nearly always. What was taken is used up, not held, so nothing has to be done at the end
    }

    // From the first policy on that makes the request wait, refuses it, or holds its permit until the end.
    private async Task AskAsync(
        HttpContext context, RequestScope scope, bool console, ReadOnlyMemory<RateLimitPolicy> rest, LimitLease? taken, ValueTask<RateLimitLease>? first)
    {
        (RateLimitPolicy Policy, LimitLease Lease)? refusal = null;
        RateLimitPolicyOptions? asking = null;
        try
        {
            for (var i = 0; i < rest.Length; i++)
            {
                var policy = rest.Span[i];
                if (!policy.Concerns(context.Request, scope, console, out var key, out var weight))
                    continue;
                if (refusal is not null && policy.Options.Kind == LimitKind.Concurrency)
                    break; // who is refused anyway waits in no queue
                asking = policy.Options;
                var lease = (LimitLease)await (first ?? policy.Limiter.AcquireAsync(key, weight, context.RequestAborted));
                first = null;
                if (lease.IsAcquired)
                    (lease.Earlier, taken) = (taken, lease);
                else
                    metrics.Denied(policy.Options);
                if (policy.Options.ReportOnly)
                {
                    if (!lease.IsAcquired)
                        scope.WouldLimit ??= policy.Options.Name;
                    continue; // clients aren't told of what isn't enforced
                }
                Declare(context.Response.Headers, policy, lease);
                if (!lease.IsAcquired && (refusal is not { } known || lease.RetryAfter > known.Lease.RetryAfter))
                    refusal = (policy, lease);
            }
            asking = null;
            if (refusal is null)
            {
                await next(context);
                return;
            }
            for (var lease = taken; lease is not null; lease = lease.Earlier)
                lease.GiveBack();
            await RefuseAsync(context, scope, refusal.Value.Policy.Options, refusal.Value.Lease);
        }
        catch (OperationCanceledException) when (asking is not null)
        {
            // The client left while it waited in a queue: nobody to answer, nothing to forward, but on record it must not look as if it had passed.
            scope.Decision = scope.Decision with { Action = DecisionAction.Limit, Reason = "left-queue", Limit = asking.Name };
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        finally
        {
            for (var lease = taken; lease is not null; lease = lease.Earlier)
                lease.Dispose();
        }
    }

    private static void Declare(IHeaderDictionary headers, RateLimitPolicy policy, LimitLease lease)
    {
        headers.Append("RateLimit-Policy", policy.Declared);
        if (lease.Remaining < 0)
            return; // nobody knows what is left
        headers.Append("RateLimit", policy.Options.Kind == LimitKind.Concurrency
            ? string.Create(CultureInfo.InvariantCulture, $"\"{policy.Options.Name}\";r={lease.Remaining}")
            : string.Create(CultureInfo.InvariantCulture, $"\"{policy.Options.Name}\";r={lease.Remaining};t={(long)Math.Ceiling(lease.Reset.TotalSeconds)}"));
    }

    private static Task RefuseAsync(HttpContext context, RequestScope scope, RateLimitPolicyOptions policy, LimitLease lease)
    {
        scope.Decision = scope.Decision with { Action = DecisionAction.Limit, Reason = Reason(policy.Kind), Limit = policy.Name };
        var seconds = Math.Max(1, (long)Math.Ceiling(lease.RetryAfter.TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Answer.WriteAsync(context, StatusCodes.Status429TooManyRequests, "Too many requests",
            $"The limit \"{policy.Name}\" is used up. Try again in {InWords(seconds)}.");
    }

    // Rounded up, so that whoever believes it isn't refused again; the header has the seconds.
    internal static string InWords(long seconds) => seconds switch
    {
        <= 120 => Count(seconds, "second"),
        <= 7200 => Count((seconds + 59) / 60, "minute"),
        _ => Count((seconds + 3599) / 3600, "hour"),
    };

    private static string Count(long number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number} {unit}{(number == 1 ? "" : "s")}");

    private static string Reason(LimitKind kind) => kind switch
    {
        LimitKind.Rate => "rate",
        LimitKind.Window => "window",
        LimitKind.Quota => "quota",
        _ => "concurrency",
    };
}
