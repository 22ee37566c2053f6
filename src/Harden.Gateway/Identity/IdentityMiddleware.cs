using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.ApiKeys;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Identity.Sessions.Store;

namespace Harden.Gateway.Identity;

/// <summary>
/// Finds out who asks. Runs on every request, so it does no more than hash the cookie and look it up; the handlers that talk to Entra
/// run only below <c>/.harden/</c>. Whoever is not known stays nobody: what that means is for the access rules to say.
/// </summary>
internal sealed class IdentityMiddleware(
    RequestDelegate next, SessionTable sessions, SessionRenewal renewal, BearerTokens tokens, ApiKeyCallers keys, Live<SessionOptions> live, Live<EntraOptions> entra, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Before the session: somebody put the key there on purpose, and it must not be forwarded beside a cookie.
        if (keys.Take(context.Request.Headers) is { } secret)
            return keys.ServeAsync(context, secret, next);
        var cookies = context.Request.Headers.Cookie;
        if (cookies.Count == 0 || SessionCookie.Read(cookies) is not { } handle)
            return WithoutSessionAsync(context);
        return sessions.Find(handle) is { } session && renewal.IsFresh(session) && entra.Current.Admits(session.Subject.Tenant)
            ? RideAsync(context, session)
            : AskAsync(context, handle);
    }

    // The store, or Entra, has to be asked; now and then for each session.
    private async Task AskAsync(HttpContext context, string handle)
    {
        var scope = RequestScope.Of(context);
        Session? session = null;
        try
        {
            session = await sessions.FindAsync(handle);
            // The tenant was admitted at sign-in; a reload may have taken it off the list since.
            if (session is not null && !entra.Current.Admits(session.Subject.Tenant))
            {
                await sessions.EndAsync(session.Key.Number, "tenant-not-allowed");
                session = null;
            }
            if (session is not null)
                session = await renewal.FreshAsync(session);
        }
        catch (SessionStoreException) when (!scope.Path.StartsWith(ReservedPrefix.Path + "/health/", StringComparison.OrdinalIgnoreCase) && !SignOutEndpoints.Owns(scope.Path))
        {
            await StoreProblem.WriteAsync(context);
            return;
        }
        catch (SessionStoreException)
        {
            // Health needs nobody's session, and signing out has to work.
        }
        if (session is not null)
        {
            await RideAsync(context, session);
            return;
        }
        scope.SessionOver = true;
        await WithoutSessionAsync(context);
    }

    private Task WithoutSessionAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization;
        return authorization.Count == 1 && authorization[0] is { } value && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? tokens.ServeAsync(context, value[7..].Trim(), next)
            : next(context);
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

    // A stream or WebSocket outlives the check at its start, so the end of the session has to end it too; and it uses the session.
    private async Task ServeAsync(HttpContext context, RequestScope scope, Session session)
    {
        scope.OnUse = session.Use(time);
        session.Mount();
        try
        {
            await using var ending = session.Ended.UnsafeRegister(static state =>
            {
                var (context, scope, session) = ((HttpContext, RequestScope, Session))state!;
                scope.Decision = scope.Decision with { Action = DecisionAction.Deny, Reason = session.EndReason ?? "session-ended" };
                context.Abort();
            }, (context, scope, session));
            await next(context);
        }
        finally
        {
            session.Dismount();
        }
    }
}
