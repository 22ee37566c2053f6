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
    private readonly LetIn letIn;
    private readonly TimeProvider time;
    private readonly Func<LetIn.Stay, bool> allows;
    private AccessRules rules;

    public AccessMiddleware(RequestDelegate next, Live<AccessOptions> live, AccessMetrics metrics, SignInDemands demands, LetIn letIn, TimeProvider time)
    {
        (this.next, this.live, this.metrics, this.demands, this.letIn, this.time) = (next, live, metrics, demands, letIn, time);
        rules = Compile(live.Current);
        allows = StillAllows;
    }

    public Task InvokeAsync(HttpContext context)
    {
        var current = Current();
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
        if (Refusal(scope, verdict) is not { } reason)
        {
            scope.Decision = new(DecisionAction.Forward, verdict.Rule is null ? "default" : "rule", verdict.Rule?.Name, WouldDeny: verdict.Trial?.Rule);
            return letIn.ServeAsync(context, request, allows, next);
        }
        metrics.Denied(verdict.Rule?.Name, reason, reportOnly: false);
        var (action, answer) = AccessAnswer.To(scope, reason);
        scope.Decision = new(action, reason, verdict.Rule?.Name, WouldDeny: verdict.Trial?.Rule);
        return answer(context, scope, reason, verdict.Rule?.Demand ?? default);
    }

    // Where another site acts, that comes before anything else that its page could learn or start.
    private static string? Refusal(RequestScope scope, AccessRules.Verdict verdict) =>
        scope.ForeignOrigin is { } origin && verdict.Rule?.Trusts(origin) != true ? "cross-site" : verdict.Reason;

    private bool StillAllows(LetIn.Stay stay)
    {
        var scope = RequestScope.Of(stay.Context);
        var verdict = Current().Decide(stay.Request);
        if (Refusal(scope, verdict) is not { } reason)
            return true;
        metrics.Denied(verdict.Rule?.Name, reason, reportOnly: false);
        scope.Decision = scope.Decision with { Action = DecisionAction.Deny, Reason = "rules-changed", Rule = verdict.Rule?.Name };
        return false;
    }

    private AccessRules Current()
    {
        var (options, current) = (live.Current, rules);
        return ReferenceEquals(current.Options, options) ? current : rules = Compile(options);
    }

    private AccessRules Compile(AccessOptions options)
    {
        var compiled = new AccessRules(options);
        demands.Set(compiled.All.Where(static rule => !rule.Options.ReportOnly).Select(static rule => rule.Demand));
        return compiled;
    }
}
