using Harden.Gateway.Configuration;

namespace Harden.Gateway.Access;

/// <summary>
/// Applies the rules. Runs after identity, so that it knows who asks, and before everything that costs the prototype anything.
/// </summary>
internal sealed class AccessMiddleware
{
    private readonly RequestDelegate next;
    private readonly Live<AccessOptions> live;
    private readonly AccessMetrics metrics;
    private readonly SignInDemands demands;
    private readonly TimeProvider time;
    private AccessRules rules;

    public AccessMiddleware(RequestDelegate next, Live<AccessOptions> live, AccessMetrics metrics, SignInDemands demands, TimeProvider time)
    {
        (this.next, this.live, this.metrics, this.demands, this.time) = (next, live, metrics, demands, time);
        rules = Compile(live.Current);
    }

    public Task InvokeAsync(HttpContext context)
    {
        var options = live.Current;
        var current = rules;
        if (!ReferenceEquals(current.Options, options))
            rules = current = Compile(options);
        var scope = RequestScope.Of(context);
        var request = new AccessRequest(scope.Path, context.Request.Method, scope.Client, scope.Subject, time.GetUtcNow());
        if (HttpMethods.IsOptions(request.Method) && Preflight.Asked(context.Request) is { } method
            && current.ForwardsPreflight(request with { Method = method }) is { } forwards)
        {
            scope.Subject = null; // whatever came along: a browser sends none, and the app must not take it for a person's request
            scope.Decision = new(DecisionAction.Forward, "preflight", forwards.Name);
            return next(context);
        }
        var verdict = current.Decide(request);
        for (var trial = verdict.Trial; trial is not null; trial = trial.Next)
            metrics.Denied(trial.Rule, trial.Reason, reportOnly: true);
        // Before anything else that a page of another site could learn or start.
        var reason = scope.ForeignOrigin is { } origin && verdict.Rule?.Trusts(origin) != true ? "cross-site" : verdict.Reason;
        if (reason is null)
        {
            scope.Decision = new(DecisionAction.Forward, verdict.Rule is null ? "default" : "rule", verdict.Rule?.Name, WouldDeny: verdict.Trial?.Rule);
            return next(context);
        }
        metrics.Denied(verdict.Rule?.Name, reason, reportOnly: false);
        var (action, answer) = AccessAnswer.To(scope, reason);
        scope.Decision = new(action, reason, verdict.Rule?.Name, WouldDeny: verdict.Trial?.Rule);
        return answer(context, scope, reason, verdict.Rule?.Demand ?? default);
    }

    private AccessRules Compile(AccessOptions options)
    {
        var compiled = new AccessRules(options);
        demands.Set(compiled.All.Where(static rule => !rule.Options.ReportOnly).Select(static rule => rule.Demand));
        return compiled;
    }
}
