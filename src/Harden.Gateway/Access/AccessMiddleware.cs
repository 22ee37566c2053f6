using Harden.Gateway.Configuration;

namespace Harden.Gateway.Access;

/// <summary>
/// Applies the rules. Runs after identity, so that it knows who asks, and before everything that costs the prototype anything.
/// A browser's navigation is sent to sign-in; every other caller gets 401 or 403, because it can't follow a redirect to a person.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next, Live<AccessOptions> live, AccessMetrics metrics)
{
    private AccessRules rules = new(live.Current);

    public Task InvokeAsync(HttpContext context)
    {
        if (!ReferenceEquals(rules.Options, live.Current))
            rules = new(live.Current);
        var scope = RequestScope.Of(context);
        var verdict = rules.Decide(scope.Path, context.Request.Method, scope.Client, scope.Subject);
        if (verdict.Trial is { } trial)
            metrics.Denied(trial.Rule, trial.Reason, reportOnly: true);
        if (verdict.Reason is null)
        {
            scope.Decision = new(DecisionAction.Forward, verdict.Rule is null ? "default" : "rule", verdict.Rule, WouldDeny: verdict.Trial?.Rule);
            return next(context);
        }
        metrics.Denied(verdict.Rule, verdict.Reason, reportOnly: false);
        return scope.Subject is null && verdict.Reason is not ("nobody" or "no-rule") ? Challenge(context, scope, verdict) : Deny(context, scope, verdict);
    }

    private static Task Challenge(HttpContext context, RequestScope scope, AccessRules.Verdict verdict)
    {
        scope.Decision = new(DecisionAction.SignIn, verdict.Reason!, verdict.Rule, WouldDeny: verdict.Trial?.Rule);
        var request = context.Request;
        if (Caller.IsNavigation(request) && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Redirect($"{ReservedPrefix.Path}/signin?returnUrl={Uri.EscapeDataString(scope.RawTarget)}");
            return Task.CompletedTask;
        }
        context.Response.Headers.WWWAuthenticate = scope.TokenProblem is { } problem ? $"Bearer error=\"invalid_token\", error_description=\"{problem}\"" : "Bearer"; // RFC 6750 section 3
        return Answer.WriteAsync(context, StatusCodes.Status401Unauthorized, "Sign-in needed",
            Caller.IsNavigation(request)
                ? "Your session has ended, so what you sent was not passed on. Go back, keep a copy of what you entered, sign in again in another tab, and send it once more."
                : "This address needs a signed-in caller.");
    }

    private static Task Deny(HttpContext context, RequestScope scope, AccessRules.Verdict verdict)
    {
        scope.Decision = new(DecisionAction.Deny, verdict.Reason!, verdict.Rule, WouldDeny: verdict.Trial?.Rule);
        return Answer.WriteAsync(context, StatusCodes.Status403Forbidden, "No access", verdict.Reason switch
        {
            "no-rule" => "No access rule allows this address. Whoever runs the app can add one.",
            "nobody" => "This address is closed.",
            "group-overage" => "You are in more groups than your sign-in can carry, so your membership can't be checked and access is refused. Ask for an app role instead.",
            _ => "You are signed in, but this address needs a permission that you don't have. Ask whoever runs the app.",
        });
    }
}
