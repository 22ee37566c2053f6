using System.Text.Json;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Identity.Sessions.Store;
using Microsoft.AspNetCore.Authentication;

namespace Harden.Gateway.Identity;

/// <summary><c>/.harden/signin</c>, its callback, and <c>/.harden/me</c>.</summary>
internal static class SignInEndpoints
{
    // A browser that restores many tabs starts as many sign-ins; each leaves a cookie until its callback comes.
    private const int MaxSignInsUnderWay = 24;

    /// <summary>
    /// Goes to Entra, or straight back if there is a session already that is good enough. <c>prompt=select_account</c> changes the person;
    /// <c>acrs</c> and <c>max_age</c> ask for more than a session (step-up), as far as a rule does.
    /// </summary>
    public static async Task SignInAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        var target = ReturnUrl.Local(context.Request.Query["returnUrl"]);
        var prompt = context.Request.Query["prompt"].ToString() is var asked && asked is "select_account" or "login" ? asked : null;
        var query = context.Request.Query;
        var demand = context.RequestServices.GetRequiredService<SignInDemands>().Read(query["acrs"], query["max_age"]);
        scope.Decision = new(DecisionAction.SignIn, demand.IsNone ? "sign-in" : "step-up");
        context.Response.Headers.CacheControl = "no-store";
        var subject = scope.Subject is { Scheme: "session" } known ? known : null;
        if (subject is not null && prompt is null && demand.IsMetBy(subject, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()))
        {
            scope.Decision = new(DecisionAction.Answer, "already-signed-in");
            context.Response.Redirect(target);
            return;
        }
        DropOldest(context);
        var properties = new AuthenticationProperties { RedirectUri = target };
        properties.SetParameter("prompt", prompt);
        if (!demand.IsNone)
        {
            StepUp.Ask(properties, demand);
            if (prompt != "select_account")
                properties.SetParameter("login_hint", subject?.Email); // the same person, unless they choose otherwise
            if (prompt is null && subject is not null && demand.MaxAge is not null && !demand.Lacks(subject))
                properties.SetParameter("prompt", "login"); // whoever is here signed in too long ago, whatever max_age means to Entra
        }
        try
        {
            await context.ChallengeAsync(SignInEvents.Scheme, properties);
        }
        catch (Exception e) when (StoreProblem.Is(e))
        {
            await StoreProblem.WriteAsync(context);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && SignInEvents.IsUnavailable(e))
        {
            await context.RequestServices.GetRequiredService<SignInEvents>().UnavailableAsync(context, e);
        }
    }

    /// <summary>Where Entra sends the browser back to; the handler does the rest.</summary>
    public static async Task CallbackAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer"; // the address holds a code
        var handlers = context.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>();
        try
        {
            await context.RequestServices.GetRequiredService<ISessionStore>().ReadyAsync(); // before the code is spent on a session that can't be kept
            if (await handlers.GetHandlerAsync(context, SignInEvents.Scheme) is not IAuthenticationRequestHandler handler || !await handler.HandleRequestAsync())
                await Answer.WriteAsync(context, StatusCodes.Status404NotFound, "Not found", "Nothing is being signed in here.");
        }
        catch (Exception e) when (StoreProblem.Is(e))
        {
            await StoreProblem.WriteAsync(context);
        }
    }

    /// <summary>Tells a front end who is signed in.</summary>
    public static Task MeAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        if (scope.Subject is not { } subject)
        {
            scope.Decision = new(DecisionAction.SignIn, "not-signed-in");
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Answer.WriteAsync(context, StatusCodes.Status401Unauthorized, "Sign-in needed", "Nobody is signed in. Send the browser to /.harden/signin?returnUrl=…");
        }
        scope.Decision = new(DecisionAction.Answer, "me");
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
            Write(json, subject);
        return context.Response.BodyWriter.FlushAsync().AsTask();
    }

    private static void Write(Utf8JsonWriter json, Subject subject)
    {
        json.WriteStartObject();
        json.WriteString("tenant"u8, subject.Tenant);
        json.WriteString("objectId"u8, subject.ObjectId);
        json.WriteString("name"u8, subject.Name);
        json.WriteString("email"u8, subject.Email);
        json.WriteStartArray("roles"u8);
        foreach (var role in subject.Roles)
            json.WriteStringValue(role);
        json.WriteEndArray();
        json.WriteStartArray("groups"u8);
        foreach (var group in subject.Groups)
            json.WriteStringValue(group);
        json.WriteEndArray();
        json.WriteBoolean("groupsOverage"u8, subject.GroupsOverage);
        json.WriteString("scheme"u8, subject.Scheme);
        json.WriteEndObject();
    }

    // RFC 6265 section 5.4: browsers send the oldest of equal paths first, so the first ones are those given up.
    private static void DropOldest(HttpContext context)
    {
        var underWay = context.Request.Cookies.Keys.Where(static name => name.StartsWith(SignInEvents.CorrelationPrefix, StringComparison.Ordinal)).ToArray();
        foreach (var name in underWay.Take(Math.Max(0, underWay.Length - MaxSignInsUnderWay + 1)))
            context.Response.Cookies.Delete(name, new() { Path = "/", Secure = true, HttpOnly = true });
    }
}
