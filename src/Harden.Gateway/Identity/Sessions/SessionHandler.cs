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

    protected override async Task HandleSignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        if (Subjects.From(user.Claims, "session") is not { } subject)
            throw new InvalidOperationException("A sign-in without tenant and object id must have been refused before.");
        var now = time.GetUtcNow();
        var handle = SessionCookie.NewHandle();
        await sessions.AddAsync(handle, new()
        {
            Subject = subject,
            SignedIn = now,
            Expires = now + live.Current.AbsoluteTimeout,
            ClaimsAt = now,
            EntraSession = user.FindFirstValue("sid") ?? "",
            LoginHint = user.FindFirstValue("login_hint") ?? "",
            RefreshToken = live.Current.RenewAfter == TimeSpan.Zero ? null : properties?.GetTokenValue("refresh_token"),
        });
        // Never continue a session across a sign-in: whoever planted the old cookie would share the new one.
        if (SessionCookie.Read(Request.Headers.Cookie) is { } old)
            await sessions.EndAsync(old, "signed-in-again");
        SessionCookie.Give(Response, handle);
        Log.SignedIn(Logger, subject.Key);
    }

    protected override async Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        if (SessionCookie.Read(Request.Headers.Cookie) is { } handle)
            await sessions.EndAsync(handle, "signed-out");
        SessionCookie.Delete(Response);
    }

    private static partial class Log
    {
        [LoggerMessage(2020, LogLevel.Information, "Signed in: \"{Subject}\".")]
        public static partial void SignedIn(ILogger log, string subject);
    }
}
