using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Harden.DevEntra;

/// <summary>Turns codes, refresh tokens and client credentials into tokens.</summary>
internal static class TokenEndpoint
{
    private static readonly TimeSpan RefreshLifetime = TimeSpan.FromHours(24);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/{tenant}/oauth2/v2.0/token", HandleAsync);

    private static async Task HandleAsync(HttpContext context, string tenant, DevEntraOptions options, Grants grants, DeviceCodes devices, Tokens tokens, Accounts accounts)
    {
        if (!context.Request.HasFormContentType)
        {
            await Problem.WriteAsync(context, 400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'grant_type'.");
            return;
        }
        var form = await context.Request.ReadFormAsync();
        if (ClientError(context, form, options, IsPublic(form, grants)) is { } clientError)
        {
            await Problem.WriteAsync(context, 401, "invalid_client", clientError);
            return;
        }
        var answer = form["grant_type"].ToString() switch
        {
            "authorization_code" => Redeem(form, grants, tokens),
            "refresh_token" => Refresh(form, grants, tokens, accounts),
            "urn:ietf:params:oauth:grant-type:device_code" => Device(form, grants, devices, tokens),
            "client_credentials" => Service(context, tenant, form, options, tokens),
            var other => Fail("unsupported_grant_type", $"AADSTS70003: The app requested an unsupported grant type '{other}'."),
        };
        if (answer.Error is { } error)
            await Problem.WriteAsync(context, 400, error, answer.Description);
        else
            await Write(context, answer.Body!);
    }

    private static Answer Redeem(IFormCollection form, Grants grants, Tokens tokens)
    {
        if (grants.Take(form["code"].ToString()) is not { CodeChallenge.Length: > 0 } grant)
            return Fail("invalid_grant", "AADSTS54005: OAuth2 Authorization code was already redeemed, has expired, or never existed; please retry with a new valid code.");
        if (form["redirect_uri"] != grant.RedirectUri)
            return Fail("invalid_grant", "AADSTS50011: The redirect URI differs from the one the code was asked for with.");
        if (Authorize.Challenge(form["code_verifier"].ToString()) != grant.CodeChallenge)
            return Fail("invalid_grant", "AADSTS501481: The Code_Verifier does not match the code_challenge supplied in the authorization request.");
        return ForPerson(grant, grants, tokens);
    }

    private static Answer Refresh(IFormCollection form, Grants grants, Tokens tokens, Accounts accounts)
    {
        if (grants.Take(form["refresh_token"].ToString()) is not { CodeChallenge.Length: 0 } grant)
            return Fail("invalid_grant", "AADSTS700082: The refresh token has expired, was used or revoked.");
        if (accounts.Of(grant.Persona) is not { Disabled: false } persona)
            return Fail("invalid_grant", "AADSTS50057: The user account is disabled.");
        return ForPerson(grant with { Persona = persona, Scope = form["scope"].ToString() is { Length: > 0 } scope ? scope : grant.Scope }, grants, tokens);
    }

    private static Answer Device(IFormCollection form, Grants grants, DeviceCodes devices, Tokens tokens)
    {
        var (grant, error, description) = devices.Poll(form["device_code"].ToString());
        return grant is null ? Fail(error, description) : ForPerson(grant, grants, tokens);
    }

    // A program on somebody's machine has no secret, and a server must not pass for one.
    private static bool IsPublic(IFormCollection form, Grants grants) => form["grant_type"].ToString() switch
    {
        "urn:ietf:params:oauth:grant-type:device_code" => true,
        "authorization_code" => Registration.IsPublic(form["redirect_uri"]),
        "refresh_token" => grants.Peek(form["refresh_token"].ToString()) is { Public: true },
        _ => false,
    };

    private static Answer Service(HttpContext context, string tenant, IFormCollection form, DevEntraOptions options, Tokens tokens)
    {
        if (options.ClientSecret is null)
            return Fail("invalid_client", "AADSTS7000216: 'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type: set DevEntra:ClientSecret.");
        if (!form["scope"].ToString().EndsWith("/.default", StringComparison.Ordinal))
            return Fail("invalid_scope", "AADSTS1002012: The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.");
        if (Discovery.AnyTenant(tenant))
            return Fail("invalid_request", "AADSTS50194: Client credentials need a tenant, not common or organizations.");
        var grant = new Grant(Discovery.Origin(context), tenant.ToLowerInvariant(), Array.Find(Persona.All, static p => p.Service)!, form["scope"].ToString(), 0, "");
        return new(Body(tokens.AccessToken(grant), grant.Scope), null, "");
    }

    private static Answer ForPerson(Grant grant, Grants grants, Tokens tokens)
    {
        var body = Body(tokens.AccessToken(grant), grant.Scope);
        if (grant.Scope.Split(' ').Contains("openid"))
            body["id_token"] = tokens.IdToken(grant);
        if (grant.Scope.Split(' ').Contains("offline_access"))
            body["refresh_token"] = grants.Put(grant with { Nonce = null, CodeChallenge = "", RedirectUri = "" }, RefreshLifetime);
        return new(body, null, "");
    }

    private static JsonObject Body(string accessToken, string scope) => new()
    {
        ["token_type"] = "Bearer",
        ["scope"] = scope,
        ["expires_in"] = Tokens.LifetimeSeconds,
        ["ext_expires_in"] = Tokens.LifetimeSeconds,
        ["access_token"] = accessToken,
    };

    private static string? ClientError(HttpContext context, IFormCollection form, DevEntraOptions options, bool isPublic)
    {
        var (id, secret) = Basic(context) ?? (form["client_id"].ToString(), form["client_secret"].ToString());
        if (id != options.ClientId)
            return $"AADSTS700016: Application with identifier '{id}' was not found in the directory. DevEntra knows {options.ClientId}.";
        if (isPublic)
            return secret.Length == 0 ? null : "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        if (options.ClientSecret is null)
            return null;
        if (secret.Length == 0)
            return "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(options.ClientSecret))
            ? null
            : "AADSTS7000215: Invalid client secret provided.";
    }

    private static (string Id, string Secret)? Basic(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        Span<byte> bytes = stackalloc byte[1024];
        if (!Convert.TryFromBase64String(header[6..], bytes, out var length) || Encoding.UTF8.GetString(bytes[..length]).Split(':', 2) is not [var id, var secret])
            return ("", "");
        return (Uri.UnescapeDataString(id), Uri.UnescapeDataString(secret));
    }

    private static Task Write(HttpContext context, JsonObject body)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(body);
    }

    private static Answer Fail(string error, string description) => new(null, error, description);

    private readonly record struct Answer(JsonObject? Body, string? Error, string Description);
}
