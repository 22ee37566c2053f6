using System.Text;

namespace Harden.Gateway.Access;

/// <summary>
/// What a caller gets who isn't let through. A browser's navigation is sent to sign-in; every other caller gets 401 or 403, because it
/// can't follow a redirect to a person.
/// </summary>
internal static class AccessAnswer
{
    private const string Sending =
        "so what you entered was not passed on. It is not lost: sign in in a new tab, come back to this one, reload it, and let your browser send the form once more. Going back in this tab usually shows the form too.";

    /// <summary>What is done for a reason, and who writes the answer.</summary>
    public static (DecisionAction Action, Func<HttpContext, RequestScope, string, SignInDemand, Task> Write) To(RequestScope scope, string reason) => reason switch
    {
        "not-signed-in" when scope.TokenProblem == "keys-unavailable" => (DecisionAction.Fail, UnavailableAsync),
        "not-signed-in" => (DecisionAction.SignIn, SignInAsync),
        "auth-context" or "max-age" => (DecisionAction.SignIn, StepUpAsync),
        "key-needed" when scope.Subject is null => (DecisionAction.SignIn, KeyAsync),
        _ => (DecisionAction.Deny, DenyAsync),
    };

    private static Task SignInAsync(HttpContext context, RequestScope scope, string reason, SignInDemand demand)
    {
        if (Caller.CanFollowToSignIn(context.Request))
            return RedirectAsync(context, scope, demand);
        Challenge(context, scope.TokenProblem is { } problem ? $"error=\"invalid_token\", error_description=\"{problem}\"" : ""); // RFC 6750 section 3
        var why = scope.SessionOver ? "Your session has ended" : "You are not signed in";
        var (title, detail) = NotSent(context.Request) ? ("Your form was not sent", $"{why}, {Sending}")
            : Caller.IsNavigation(context.Request) ? ("Sign-in needed", $"{why}. Sign in in a new tab, come back and reload this page.")
            : scope.SessionOver ? ("Your session has ended", "The session that came along has ended. Sign in again.")
            : ("Sign-in needed", "This address needs a signed-in caller.");
        return Answer.WriteAsync(context, StatusCodes.Status401Unauthorized, title, detail, SignIn("/", demand));
    }

    // Not the token's fault: a client that is told 401 would throw a good one away.
    private static Task UnavailableAsync(HttpContext context, RequestScope scope, string reason, SignInDemand demand)
    {
        scope.Decision = scope.Decision with { Reason = "entra-unavailable" };
        context.Response.Headers.RetryAfter = "10";
        return Answer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Sign-in is not available", "Microsoft Entra ID can't be reached at the moment, so the token that came along can't be checked. Try again in a minute.");
    }

    private static Task StepUpAsync(HttpContext context, RequestScope scope, string reason, SignInDemand demand)
    {
        var session = scope.Subject!.Scheme == "session";
        if (session && Caller.CanFollowToSignIn(context.Request))
            return RedirectAsync(context, scope, demand);
        // learn.microsoft.com/entra/identity-platform/claims-challenge, and RFC 9470 for what Entra has no word for.
        Challenge(context, reason == "auth-context"
            ? $"error=\"insufficient_claims\", claims=\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(demand.Claims("access_token")))}\""
            : $"error=\"insufficient_user_authentication\", error_description=\"The sign-in is older than this address allows\", max_age=\"{demand.Seconds}\"");
        var wanted = reason == "auth-context" ? "This address needs a stronger sign-in" : "This address needs a recent sign-in";
        var (title, detail) = NotSent(context.Request) ? ("Your form was not sent", $"{wanted}, {Sending}")
            : Caller.IsNavigation(context.Request) ? ("Sign in once more", $"{wanted}. Sign in in a new tab, come back and reload this page.")
            : ("Sign in once more", session ? $"{wanted}. Send the browser to the address in signIn." : $"{wanted}. Get a new token with the claims that WWW-Authenticate names.");
        return Answer.WriteAsync(context, StatusCodes.Status401Unauthorized, title, detail, session ? SignIn("/", demand) : null);
    }

    private static Task KeyAsync(HttpContext context, RequestScope scope, string reason, SignInDemand demand)
    {
        Challenge(context, scope.TokenProblem is { } problem ? $"error=\"invalid_token\", error_description=\"{problem}\"" : "");
        return Answer.WriteAsync(context, StatusCodes.Status401Unauthorized, "API key needed", "This address is for programs with an API key of this app.");
    }

    // RFC 6750 section 3.1, for whoever can get a better credential. Where none would help, and for a person, there is nothing to ask for.
    private static Task DenyAsync(HttpContext context, RequestScope scope, string reason, SignInDemand demand)
    {
        if (reason is not ("cross-site" or "no-rule" or "nobody") && !Caller.IsNavigation(context.Request))
            Challenge(context, $"error=\"insufficient_scope\", error_description=\"{reason}\"");
        return DenialAsync(context, reason);
    }

    private static Task DenialAsync(HttpContext context, string reason) => reason switch
    {
        "cross-site" => Answer.WriteAsync(context, StatusCodes.Status403Forbidden, "The request came from another site",
            "A page of another origin tried to act with your session, so nothing was passed on. If that origin is meant to, whoever runs the app adds it to Session:AllowedOrigins, or to the Origins of the access rule."),
        _ => Answer.WriteAsync(context, StatusCodes.Status403Forbidden, "No access", reason switch
        {
            "no-rule" => "No access rule allows this address. Whoever runs the app can add one.",
            "nobody" => "This address is closed.",
            "group-overage" => "You are in too many groups (more than 200) for your sign-in to carry, so your membership can't be checked and access is refused. Whoever runs the app can give you an app role instead, or have Entra send only the groups assigned to the app.",
            "key" => "The API key is good, but no rule lets it use this address. Whoever runs the app can add its name to the rule's Keys.",
            "key-needed" => "This address is for programs with an API key of this app, not for people.",
            "scope" => "The token carries none of the scopes that this address needs. A browser's session carries none at all.",
            "tenant" => "People of your organization have no access to this address. Ask whoever runs the app.",
            _ => "This address needs a permission that you don't have. Ask whoever runs the app.",
        }),
    };

    private static Task RedirectAsync(HttpContext context, RequestScope scope, SignInDemand demand)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect(SignIn(scope.RawTarget, demand));
        return Task.CompletedTask;
    }

    private static string SignIn(string target, SignInDemand demand) => $"{ReservedPrefix.Path}/signin?returnUrl={Uri.EscapeDataString(target)}{demand.Query}";

    private static void Challenge(HttpContext context, string parameters) =>
        context.Response.Headers.WWWAuthenticate = parameters.Length > 0 ? "Bearer " + parameters : "Bearer";

    // A redirect would turn the form into a GET, and what was entered would be gone.
    private static bool NotSent(HttpRequest request) =>
        Caller.IsNavigation(request) && !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
}
