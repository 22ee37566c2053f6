using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.Sessions;

namespace Harden.Gateway.Identity;

/// <summary>
/// Finds out who asks. Runs on every request, so it does no more than hash the cookie and look it up; the handlers that talk to Entra
/// run only below <c>/.harden/</c>. Whoever is not known stays nobody: what that means is for the access rules to say.
/// </summary>
internal sealed class IdentityMiddleware(RequestDelegate next, SessionTable sessions, BearerTokens tokens, Live<SessionOptions> live, Live<EntraOptions> entra)
{
    public Task InvokeAsync(HttpContext context)
    {
        var cookies = context.Request.Headers.Cookie;
        if (cookies.Count > 0 && SessionCookie.Read(cookies) is { } handle)
        {
            // The tenant was admitted at sign-in; a reload may have taken it off the list since.
            if (sessions.Find(handle) is { } session && entra.Current.Admits(session.Subject.Tenant))
                return RideAsync(context, session);
            RequestScope.Of(context).SessionOver = true;
        }
        var authorization = context.Request.Headers.Authorization;
        return authorization.Count == 1 && authorization[0] is { } value && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? BearAsync(context, value[7..].Trim())
            : next(context);
    }

    private async Task BearAsync(HttpContext context, string token)
    {
        var scope = RequestScope.Of(context);
        (scope.Subject, scope.TokenProblem) = await tokens.FindAsync(token, context.RequestAborted);
        await next(context);
    }

    private Task RideAsync(HttpContext context, Session session)
    {
        var scope = RequestScope.Of(context);
        scope.Subject = session.Subject;
        if (ReservedPrefix.Owns(scope.Path))
            return next(context); // sign-out and a renewed sign-in end the session they came with, and must still be answered; they check origins themselves
        var console = ManagementConnection.Carries(context);
        scope.ForeignOrigin = CrossSite.ForeignOrigin(context.Request, console ? [] : live.Current.AllowedOrigins);
        if (scope.ForeignOrigin is null || !console)
            return ServeAsync(context, scope, session); // which other sites may use the app, the access rules say
        scope.Decision = new(DecisionAction.Deny, "cross-site");
        return Answer.WriteAsync(context, StatusCodes.Status403Forbidden, "The request came from another site", "Only the console's own pages can act with your session.");
    }

    // A stream or WebSocket outlives the check at its start, so the end of the session has to end it too.
    private async Task ServeAsync(HttpContext context, RequestScope scope, Session session)
    {
        await using var ending = session.Ended.UnsafeRegister(static state =>
        {
            var (context, scope) = ((HttpContext, RequestScope))state!;
            scope.Decision = scope.Decision with { Action = DecisionAction.Deny, Reason = "session-ended" };
            context.Abort();
        }, (context, scope));
        await next(context);
    }
}
