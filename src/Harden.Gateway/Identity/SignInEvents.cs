using System.Text.Json;
using System.Text.RegularExpressions;
using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Authentication;

namespace Harden.Gateway.Identity;

/// <summary>
/// What happens around a sign-in, whichever handler does it: where the short-lived cookies go, who is let in, and what a person reads
/// when it fails.
/// </summary>
internal sealed partial class SignInEvents(Live<EntraOptions> live, TimeProvider time, ILogger<SignInEvents> log)
{
    /// <summary>Name of the scheme that goes to Entra.</summary>
    public const string Scheme = "Entra";

    /// <summary>Prefix of the cookies that bind a sign-in under way to the browser that began it.</summary>
    public const string CorrelationPrefix = "__Host-harden-c.";

    /// <summary>Sets what both handlers have in common.</summary>
    public void Apply(RemoteAuthenticationOptions options)
    {
        options.SignInScheme = Sessions.SessionHandler.SchemeName;
        options.CallbackPath = EntraOptionsValidator.CallbackPath;
        options.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(15);
        options.CorrelationCookie = new()
        {
            Name = CorrelationPrefix,
            Path = "/", // the __Host- prefix demands it
            HttpOnly = true,
            SecurePolicy = CookieSecurePolicy.Always,
            SameSite = SameSiteMode.Lax, // Entra comes back with a top-level GET
            IsEssential = true,
        };
        options.Events.OnTicketReceived = TicketReceivedAsync;
        options.Events.OnAccessDenied = AccessDeniedAsync;
        options.Events.OnRemoteFailure = RemoteFailureAsync;
    }

    private Task TicketReceivedAsync(TicketReceivedContext context)
    {
        var subject = Subjects.From(context.Principal!.Claims, "session");
        var demand = StepUp.Asked(context.Properties);
        if (subject is not null && live.Current.Admits(subject.Tenant) && !demand.IsMetBy(subject, time.GetUtcNow()))
        {
            // Going on would only send them here again, for ever. The session they may have stays as it was.
            context.HandleResponse();
            RequestScope.Of(context.HttpContext).Subject = subject;
            return RefuseAsync(context.HttpContext, "step-up-failed", StatusCodes.Status403Forbidden, "The extra sign-in step is missing", demand.Lacks(subject)
                ? $"This address needs a stronger sign-in (authentication context {demand.AuthContext}), and Microsoft Entra ID did not confirm one. Whoever runs the app can see to it that a Conditional Access policy asks for {demand.AuthContext}."
                : subject.AuthenticatedAt is null
                    ? "This address needs a recent sign-in, and Microsoft Entra ID did not say when yours was. Whoever runs the app can add the optional claim auth_time to the app registration's id token."
                    : "This address needs a recent sign-in, and yours is older. Try again and enter your credentials.",
                $"{ReservedPrefix.Path}/signin?returnUrl={Uri.EscapeDataString(ReturnUrl.Local(context.ReturnUri))}{demand.Query}{(demand.MaxAge is null ? "" : "&prompt=login")}");
        }
        if (subject is not null && live.Current.Admits(subject.Tenant))
        {
            // On record as what it is: Harden's own answer, to the person who has just proved who they are.
            var scope = RequestScope.Of(context.HttpContext);
            (scope.Subject, scope.Decision) = (subject, new(DecisionAction.Answer, "signed-in"));
            return Task.CompletedTask;
        }
        context.HandleResponse();
        return RefuseAsync(context.HttpContext, subject is null ? "no-object-id" : "tenant", StatusCodes.Status403Forbidden, "No access", subject is null
            ? "Your account's sign-in names no directory object, so the app can't know you. Sign in with a work or school account."
            : "Your organization is not one of those that may use this app.");
    }

    private Task RemoteFailureAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        var failure = context.Failure!;
        return IsUnavailable(failure) ? UnavailableAsync(context.HttpContext, failure) : FailedAsync(context.HttpContext, failure.Data["error_description"] as string, failure.Message);
    }

    // The one error of which the handlers keep no description. They have checked by then whose sign-in it was: what anybody can put into a link is not repeated.
    private Task AccessDeniedAsync(AccessDeniedContext context)
    {
        context.HandleResponse();
        return FailedAsync(context.HttpContext, context.Request.Query["error_description"], "access_denied");
    }

    private Task FailedAsync(HttpContext context, string? description, string message)
    {
        var code = AadSts().Match(description ?? "").Value;
        var reason = code.Length > 0 ? code.ToLowerInvariant() : "sign-in-failed";
        if (code.Length > 0)
            Log.EntraRefused(log, code);
        else
            Log.Failed(log, new([.. message.Where(static c => !char.IsControl(c)).Take(300)])); // an error that comes with the state of one's own sign-in may say anything
        return code switch
        {
            "AADSTS50057" => RefuseAsync(context, reason, 403, "Your account is disabled", "Sign-in says that your account is disabled (AADSTS50057). Ask your organization's help desk."),
            "AADSTS50105" => RefuseAsync(context, reason, 403, "No access", "You are not assigned to this app (AADSTS50105). Ask whoever runs the app to add you."),
            "AADSTS65004" => RefuseAsync(context, reason, 403, "Sign-in was declined", "The permissions the app asked for were declined (AADSTS65004). Sign in again and accept them to use the app."),
            "" => RefuseAsync(context, reason, 400, "Sign-in could not be completed",
                "The answer from sign-in does not belong to a sign-in that this browser began here, or it took longer than 15 minutes. Go back to the app and sign in again; if it happens every time, allow cookies for this address."),
            _ => RefuseAsync(context, reason, 403, "Sign-in failed", $"Microsoft Entra ID refused the sign-in ({code}). Whoever runs the app can look this code up and mend it."),
        };
    }

    /// <summary>What Entra's token endpoint said instead of giving tokens; null if it gave some.</summary>
    public static AuthenticationFailureException? Refusal(JsonDocument answer)
    {
        if (EntraTokens.Text(answer, "error").Length == 0)
            return null;
        var failure = new AuthenticationFailureException("Entra did not redeem the code.");
        failure.Data["error_description"] = EntraTokens.Text(answer, "error_description");
        answer.Dispose();
        return failure;
    }

    /// <summary>True if the failure is that Entra did not answer, rather than what it answered.</summary>
    public static bool IsUnavailable(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is EntraUnavailableException or HttpRequestException or IOException or TaskCanceledException)
                return true;
        }
        return false;
    }

    /// <summary>Answers that Entra can't be reached.</summary>
    public Task UnavailableAsync(HttpContext context, Exception e)
    {
        Log.Unavailable(log, e.Message);
        context.Response.Headers.RetryAfter = "10";
        RequestScope.Of(context).Decision = new(DecisionAction.Fail, "entra-unavailable");
        return Answer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Sign-in is not available", "Microsoft Entra ID can't be reached at the moment, so nobody can sign in. Try again in a minute; who is signed in already can go on.");
    }

    private static Task RefuseAsync(HttpContext context, string reason, int status, string title, string detail, string? signIn = null)
    {
        RequestScope.Of(context).Decision = new(DecisionAction.Deny, reason);
        return Answer.WriteAsync(context, status, title, detail, signIn);
    }

    [GeneratedRegex("AADSTS[0-9]{4,8}")]
    private static partial Regex AadSts();

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Information, "Entra refused a sign-in with \"{Code}\".")]
        public static partial void EntraRefused(ILogger log, string code);

        [LoggerMessage(2011, LogLevel.Information, "A sign-in failed: {Reason}")]
        public static partial void Failed(ILogger log, string reason);

        [LoggerMessage(2012, LogLevel.Warning, "A sign-in failed because Entra is not available: {Reason}")]
        public static partial void Unavailable(ILogger log, string reason);
    }
}
