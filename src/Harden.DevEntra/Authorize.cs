using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;

namespace Harden.DevEntra;

/// <summary>The pages a person sees: sign-in, where they pick who to be, and sign-out.</summary>
internal static class Authorize
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods("/{tenant}/oauth2/v2.0/authorize", ["GET", "POST"], HandleAsync);
        app.MapGet("/{tenant}/oauth2/v2.0/logout", SignOutAsync);
    }

    private static async Task HandleAsync(HttpContext context, string tenant, DevEntraOptions options, Grants grants, Accounts accounts, TimeProvider time)
    {
        var query = context.Request.Query;
        string? Asked(string name) => query[name].FirstOrDefault();
        if (PageError(tenant, Asked("client_id"), Asked("redirect_uri"), options) is { } error)
        {
            await Page.WriteAsync(context, 400, "Sign-in failed", Page.Text(Problem.Describe(context, error)));
            return;
        }
        var claims = ClaimsRequest.Parse(Asked("claims"));
        if (Refusal(Asked("response_type"), Asked("response_mode"), Asked("code_challenge_method"), Asked("code_challenge"), Asked("scope"), claims) is { } refusal)
        {
            Return(context, ("error", "invalid_request"), ("error_description", Problem.Describe(context, refusal)));
            return;
        }
        var picked = HttpMethods.IsPost(context.Request.Method) ? (await context.Request.ReadFormAsync())["persona"].FirstOrDefault() : null;
        if (picked == Page.Cancelled)
        {
            Return(context, ("error", "access_denied"), ("error_description", Problem.Describe(context, "AADSTS65004: User declined to consent to access the app.")));
            return;
        }
        var before = SignedIn.Read(context);
        var fresh = Persona.Find(picked) is { Service: false } choice ? SignedIn.Pick(choice, before, time) : null;
        var ask = fresh is null ? Why(before, Asked, claims!, time) : null;
        if (ask is not null && Asked("prompt") == "none")
        {
            var (code, text) = before is null
                ? ("login_required", "AADSTS50058: A silent sign-in request was sent but no user is signed in.")
                : ("interaction_required", "AADSTS50079: Due to a configuration change made by your administrator, you must prove who you are once more.");
            Return(context, ("error", code), ("error_description", Problem.Describe(context, text)));
            return;
        }
        if (ask is not null)
        {
            await Page.WriteAsync(context, 200, "Pick who to sign in as", Page.Picker(tenant, ask));
            return;
        }
        var known = fresh ?? before!;
        var persona = accounts.Of(known.Persona);
        if (persona.Disabled)
        {
            Return(context, ("error", "access_denied"), ("error_description", Problem.Describe(context, "AADSTS50057: The user account is disabled.")));
            return;
        }
        known.Write(context, tenant);
        var issuing = Discovery.AnyTenant(tenant) ? persona.HomeTenant ?? options.TenantId : tenant.ToLowerInvariant();
        var secret = grants.Put(new(Discovery.Origin(context), issuing, persona, Asked("scope")!, known.AuthTime, known.Sid)
        {
            Nonce = Asked("nonce"),
            RedirectUri = Asked("redirect_uri")!,
            CodeChallenge = Asked("code_challenge")!,
            Claims = claims!,
            Public = Registration.IsPublic(Asked("redirect_uri")),
        }, TimeSpan.FromMinutes(1));
        Return(context, ("code", secret), ("session_state", known.Sid));
    }

    private static Task SignOutAsync(HttpContext context, string tenant)
    {
        SignedIn.Delete(context, tenant);
        var target = context.Request.Query["post_logout_redirect_uri"].FirstOrDefault();
        if (!Registration.Loopback(target, out var uri) || !uri.AbsolutePath.StartsWith("/.harden/", StringComparison.Ordinal))
            return Page.WriteAsync(context, 200, "You signed out of your account", Page.Text("It's a good idea to close all browser windows."));
        context.Response.Redirect(target!);
        return Task.CompletedTask;
    }

    // Why somebody has to pick now, as the page says it; empty if there is nothing to explain; null if who is signed in will do.
    private static string? Why(SignedIn? known, Func<string, string?> asked, ClaimsRequest claims, TimeProvider time)
    {
        if (claims.Contexts.Any())
            return $"This asks for step-up {string.Join(", ", claims.Contexts)}: prove who you are once more.";
        if (known is null)
            return "";
        if (asked("prompt") is "login")
            return "The app asks you to sign in once more.";
        if (asked("prompt") is "select_account" or "consent")
            return "";
        if (long.TryParse(asked("max_age"), out var age) && time.GetUtcNow().ToUnixTimeSeconds() - known.AuthTime >= age)
            return $"You signed in longer ago than the app accepts ({age} s).";
        return asked("login_hint") is { Length: > 0 } hint && hint != known.Persona.Id && hint != known.Persona.Email ? "" : null;
    }

    // Errors that must not be sent to the redirect address, because it can't be trusted (RFC 6749 section 4.1.2.1).
    private static string? PageError(string tenant, string? client, string? redirect, DevEntraOptions options)
    {
        if (!Discovery.Served(tenant, options))
            return $"AADSTS90002: Tenant '{tenant}' not found. DevEntra serves {options.TenantId}, common and organizations.";
        if (client != options.ClientId)
            return $"AADSTS700016: Application with identifier '{client}' was not found in the directory. DevEntra knows {options.ClientId}.";
        return Registration.Knows(redirect) ? null
            : $"AADSTS50011: The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application: http(s)://localhost:<any port>{Registration.CallbackPath}, and http://localhost:<any port> for a command line.";
    }

    private static string? Refusal(string? type, string? mode, string? method, string? challenge, string? scope, ClaimsRequest? claims) =>
        type != "code" ? $"AADSTS700054: response_type '{type}' is not enabled for the application; use 'code'."
        : mode is not (null or "query") ? $"AADSTS70007: '{mode}' is not a supported value of 'response_mode'; DevEntra answers with 'query'."
        : method != "S256" || challenge is not { Length: 43 } ? "AADSTS9002325: Proof Key for Code Exchange is required for cross-origin authorization code redemption: send code_challenge with code_challenge_method S256."
        : scope is null || !scope.Split(' ').Contains("openid") ? "AADSTS900144: The request body must contain the following parameter: 'scope', with 'openid' in it."
        : claims is null ? "AADSTS9000410: Malformed JSON in the parameter 'claims'."
        : null;

    private static void Return(HttpContext context, params ReadOnlySpan<(string Name, string Value)> values)
    {
        var query = context.Request.Query;
        var target = query["redirect_uri"].ToString();
        foreach (var (name, value) in values)
            target = QueryHelpers.AddQueryString(target, name, value);
        if (query.TryGetValue("state", out var state))
            target = QueryHelpers.AddQueryString(target, "state", state.ToString());
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect(target);
    }

    /// <summary>RFC 7636: the challenge of a verifier.</summary>
    public static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier)));
}
