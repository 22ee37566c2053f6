using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;

namespace Harden.DevEntra;

/// <summary>The pages a person sees: sign-in, where they pick who to be, and sign-out.</summary>
internal static class Authorize
{
    // Cookies know no ports: a path of its own keeps it away from the gateway and the app on the same host name.
    private const string Cookie = "dev-entra";
    private const string CallbackPath = "/.harden/signin/callback";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods("/{tenant}/oauth2/v2.0/authorize", ["GET", "POST"], HandleAsync);
        app.MapGet("/{tenant}/oauth2/v2.0/logout", SignOutAsync);
    }

    private static async Task HandleAsync(HttpContext context, string tenant, DevEntraOptions options, Grants grants, TimeProvider time)
    {
        var query = context.Request.Query;
        string? Asked(string name) => query[name].FirstOrDefault();
        if (PageError(tenant, Asked("client_id"), Asked("redirect_uri"), options) is { } error)
        {
            await Page.WriteAsync(context, 400, "Sign-in failed", Page.Text(Problem.Describe(context, error)));
            return;
        }
        if (Refusal(Asked("response_type"), Asked("code_challenge_method"), Asked("code_challenge"), Asked("scope")) is { } refusal)
        {
            Return(context, ("error", "invalid_request"), ("error_description", Problem.Describe(context, refusal)));
            return;
        }
        var picked = HttpMethods.IsPost(context.Request.Method) ? (await context.Request.ReadFormAsync())["persona"].FirstOrDefault() : null;
        var session = Session(context, Asked("prompt"), picked, time);
        if (session is null && Asked("prompt") == "none")
        {
            Return(context, ("error", "login_required"), ("error_description", Problem.Describe(context, "AADSTS50058: A silent sign-in request was sent but no user is signed in.")));
            return;
        }
        if (session is not { } known)
        {
            await Page.WriteAsync(context, 200, "Pick who to sign in as", Page.Picker(tenant));
            return;
        }
        if (known.Persona.Disabled)
        {
            Return(context, ("error", "access_denied"), ("error_description", Problem.Describe(context, "AADSTS50057: The user account is disabled.")));
            return;
        }
        context.Response.Cookies.Append(Cookie, $"{known.Persona.Id}.{known.Sid}.{known.AuthTime}", new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = CookiePath(tenant) });
        var issuing = Discovery.AnyTenant(tenant) ? known.Persona.HomeTenant ?? options.TenantId : tenant.ToLowerInvariant();
        var code = grants.Put(new(Discovery.Origin(context), issuing, known.Persona, Asked("scope")!, known.AuthTime, known.Sid)
        {
            Nonce = Asked("nonce"),
            RedirectUri = Asked("redirect_uri")!,
            CodeChallenge = Asked("code_challenge")!,
        }, TimeSpan.FromMinutes(1));
        Return(context, ("code", code), ("session_state", known.Sid));
    }

    private static Task SignOutAsync(HttpContext context, string tenant)
    {
        context.Response.Cookies.Delete(Cookie, new() { Path = CookiePath(tenant) });
        var target = context.Request.Query["post_logout_redirect_uri"].FirstOrDefault();
        if (target is null || !Loopback(target, out var uri) || !uri.AbsolutePath.StartsWith("/.harden/", StringComparison.Ordinal))
            return Page.WriteAsync(context, 200, "You signed out of your account", Page.Text("It's a good idea to close all browser windows."));
        context.Response.Redirect(target);
        return Task.CompletedTask;
    }

    // Errors that must not be sent to the redirect address, because it can't be trusted (RFC 6749 section 4.1.2.1).
    private static string? PageError(string tenant, string? client, string? redirect, DevEntraOptions options)
    {
        if (!Discovery.Served(tenant, options))
            return $"AADSTS90002: Tenant '{tenant}' not found. DevEntra serves {options.TenantId}, common and organizations.";
        if (client != options.ClientId)
            return $"AADSTS700016: Application with identifier '{client}' was not found in the directory. DevEntra knows {options.ClientId}.";
        if (redirect is null || !Loopback(redirect, out var uri) || uri.AbsolutePath != CallbackPath || uri.Query.Length + uri.Fragment.Length > 0)
            return $"AADSTS50011: The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application: http(s)://localhost:<any port>{CallbackPath}.";
        return null;
    }

    private static string? Refusal(string? type, string? method, string? challenge, string? scope) =>
        type != "code" ? $"AADSTS700054: response_type '{type}' is not enabled for the application; use 'code'."
        : method != "S256" || challenge is not { Length: 43 } ? "AADSTS9002325: Proof Key for Code Exchange is required for cross-origin authorization code redemption: send code_challenge with code_challenge_method S256."
        : scope is null || !scope.Split(' ').Contains("openid") ? "AADSTS900144: The request body must contain the following parameter: 'scope', with 'openid' in it."
        : null;

    private static (Persona Persona, string Sid, long AuthTime)? Session(HttpContext context, string? prompt, string? picked, TimeProvider time)
    {
        if (Persona.Find(picked) is { Service: false } persona)
            return (persona, Guid.NewGuid().ToString(), time.GetUtcNow().ToUnixTimeSeconds());
        if (prompt is "login" or "select_account" || context.Request.Cookies[Cookie]?.Split('.') is not [var id, var sid, var when] || !long.TryParse(when, out var authTime))
            return null;
        return Persona.Find(id) is { Service: false } known ? (known, sid, authTime) : null;
    }

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

    private static bool Loopback(string text, out Uri uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri!) && uri.IsLoopback && uri.Scheme is "http" or "https";

    private static string CookiePath(string tenant) => $"/{tenant}/oauth2/v2.0";

    /// <summary>RFC 7636: the challenge of a verifier.</summary>
    public static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier)));
}
