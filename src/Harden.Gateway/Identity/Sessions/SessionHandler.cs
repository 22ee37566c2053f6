using System.Security.Claims;
using System.Text.Encodings.Web;
using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// The framework's side of sessions: whichever handler signs a person in ends here, with the claims of a validated token. Ordinary
/// requests don't come this way.
/// </summary>
internal sealed partial class SessionHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder,
    SessionTable sessions, Live<SessionOptions> live, TimeProvider time)
    : SignInAuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Name of the scheme that remembers who signed in.</summary>
    public const string SchemeName = "Session";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());

    protected override Task HandleSignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        if (Subjects.From(user.Claims, "session") is not { } subject)
            throw new InvalidOperationException("A sign-in without tenant and object id must have been refused before.");
        // Never continue a session across a sign-in: whoever planted the old cookie would share the new one.
        if (SessionCookie.Read(Request.Headers.Cookie) is { } old)
            sessions.Remove(old);
        var now = time.GetUtcNow();
        sessions.Add(SessionCookie.Issue(Response), new(subject, now, now + live.Current.AbsoluteTimeout)
        {
            EntraSession = user.FindFirstValue("sid") ?? "",
            LoginHint = user.FindFirstValue("login_hint") ?? "",
        });
        Log.SignedIn(Logger, subject.Key);
        return Task.CompletedTask;
    }

    protected override Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        if (SessionCookie.Read(Request.Headers.Cookie) is { } handle)
            sessions.Remove(handle);
        SessionCookie.Delete(Response);
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(2020, LogLevel.Information, "Signed in: \"{Subject}\".")]
        public static partial void SignedIn(ILogger log, string subject);
    }
}
