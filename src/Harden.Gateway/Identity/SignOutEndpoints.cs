using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;

namespace Harden.Gateway.Identity;

/// <summary><c>/.harden/signout</c> and its front channel.</summary>
internal static class SignOutEndpoints
{
    private const string Path = ReservedPrefix.Path + "/signout";

    /// <summary>True if the path is one of these, which must work also while sessions can't be asked for.</summary>
    public static bool Owns(string path) => path.StartsWith(Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>Ends the session here and at Entra. Only the app's own page may ask: being signed out by another site is an attack too.</summary>
    public static async Task SignOutAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        if (!CrossSite.IsOwn(context.Request, []))
        {
            scope.Decision = new(DecisionAction.Deny, "cross-site");
            await Answer.WriteAsync(context, StatusCodes.Status403Forbidden, "The request came from another site", "Only a page of this app can sign you out.");
            return;
        }
        scope.Decision = new(DecisionAction.Answer, "signed-out");
        var session = SessionCookie.Read(context.Request.Headers.Cookie) is { } handle ? context.RequestServices.GetRequiredService<SessionTable>().Of(SessionKey.NumberOf(handle)) : null;
        var target = await EndSessionAsync(context, session?.State.LoginHint);
        if (context.Request.Query["everywhere"] == "true" && scope.Subject is { Scheme: "session" } subject)
        {
            scope.Decision = new(DecisionAction.Answer, "signed-out-everywhere");
            await context.RequestServices.GetRequiredService<SessionEnding>().OfSubjectAsync(subject.Key, "signed-out-everywhere");
        }
        await context.SignOutAsync(SessionHandler.SchemeName);
        context.Response.Headers.CacheControl = "no-store";
        if (Caller.IsNavigation(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = target;
            return;
        }
        // A script can't follow a redirect to another origin; it sends the browser there.
        await context.Response.WriteAsJsonAsync(new Dictionary<string, string> { ["location"] = target });
    }

    /// <summary>The page that says one is signed out, or offers to.</summary>
    public static async Task PageAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        scope.Decision = new(DecisionAction.Answer, "sign-out-page");
        if (scope.Subject is { Scheme: "session" } subject)
            await SignOutPage.WriteAsync(context, subject, new Uri(await EndSessionAsync(context, null), UriKind.RelativeOrAbsolute));
        else
            await Answer.WriteAsync(context, StatusCodes.Status200OK, "You are signed out", "You can close this window.");
    }

    /// <summary>
    /// Entra loads this in a hidden frame when a person signs out elsewhere. The cookie does not come along (SameSite), so the session is
    /// found by Entra's own id for it, which only Entra and we know.
    /// </summary>
    public static async Task FrontChannelAsync(HttpContext context)
    {
        RequestScope.Of(context).Decision = new(DecisionAction.Answer, "front-channel-sign-out");
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Query["sid"].ToString() is { Length: > 0 and <= 128 } id)
            await context.RequestServices.GetRequiredService<SessionEnding>().OfEntraSessionAsync(id, "signed-out-at-entra");
    }

    // Entra not answering must not keep anybody signed in here.
    private static async Task<string> EndSessionAsync(HttpContext context, string? hint)
    {
        var signedOut = $"{context.Request.Scheme}://{context.Request.Host}{Path}";
        try
        {
            var configuration = await context.RequestServices.GetRequiredService<EntraMetadata>().GetAsync(context.RequestAborted);
            if (string.IsNullOrEmpty(configuration.EndSessionEndpoint))
                return Path;
            var url = QueryHelpers.AddQueryString(configuration.EndSessionEndpoint, "post_logout_redirect_uri", signedOut);
            return string.IsNullOrEmpty(hint) ? url : QueryHelpers.AddQueryString(url, "logout_hint", hint);
        }
        catch (EntraUnavailableException)
        {
            return Path;
        }
    }
}
