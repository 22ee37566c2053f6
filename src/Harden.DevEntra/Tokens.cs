using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Harden.DevEntra;

/// <summary>Issues tokens with the claims Entra puts into its v2 tokens.</summary>
internal sealed class Tokens(DevEntraOptions options, SigningKeys keys, Faults faults, TimeProvider time)
{
    /// <summary>How long id and access tokens live, in seconds.</summary>
    public const int LifetimeSeconds = 3600;

    /// <summary>The id token of a grant.</summary>
    public string IdToken(Grant grant)
    {
        var claims = Claims(grant, options.ClientId);
        if (grant.Nonce is not null)
            claims["nonce"] = grant.Nonce;
        claims["login_hint"] = grant.Persona.Id;
        if (grant.Claims.IdToken.Length > 0)
            claims["acrs"] = Strings(grant.Claims.IdToken);
        return Issue(claims);
    }

    /// <summary>
    /// The access token of a grant: for this app's own API if a scope named it, else for Microsoft Graph, whose tokens a gateway must
    /// not take for its own.
    /// </summary>
    public string AccessToken(Grant grant)
    {
        var own = grant.Scope.Split(' ').Where(s => s.Contains(options.ClientId, StringComparison.OrdinalIgnoreCase)).ToArray();
        var claims = Claims(grant, own.Length > 0 ? options.ClientId : "00000003-0000-0000-c000-000000000000");
        claims["azp"] = options.ClientId;
        claims["azpacr"] = options.ClientSecret is null || grant.Public ? "0" : "1";
        if (grant.Claims.AccessToken.Length > 0)
            claims["acrs"] = Strings(grant.Claims.AccessToken);
        if (grant.Persona.Service)
            claims["idtyp"] = "app";
        else
            claims["scp"] = own.Length > 0 ? string.Join(' ', own.Select(static s => s[(s.LastIndexOf('/') + 1)..]).Select(static s => s == ".default" ? "access_as_user" : s)) : "openid profile email";
        return Issue(claims);
    }

    /// <summary>A token of any claims, such as the faulty ones.</summary>
    public string Sign(JsonObject claims) => keys.Sign(claims);

    private string Issue(JsonObject claims) => keys.Sign(claims, faults.Current.Spoil(claims, time.GetUtcNow().ToUnixTimeSeconds()));

    private JsonObject Claims(Grant grant, string audience)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var persona = grant.Persona;
        var claims = new JsonObject
        {
            ["aud"] = audience,
            ["iss"] = $"{grant.Origin}/{grant.Tenant}/v2.0",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + LifetimeSeconds,
            ["oid"] = persona.ObjectId,
            ["sub"] = persona.Service ? persona.ObjectId : Pairwise(persona.ObjectId + audience),
            ["tid"] = grant.Tenant,
            ["uti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            ["ver"] = "2.0",
        };
        if (persona.Roles.Length > 0)
            claims["roles"] = Strings(persona.Roles);
        if (persona.Service)
            return claims;
        claims["name"] = persona.Name;
        claims["preferred_username"] = persona.Email;
        claims["email"] = persona.Email;
        claims["auth_time"] = grant.AuthTime;
        claims["sid"] = grant.SessionId;
        if (persona.HomeTenant is { } home && home != grant.Tenant)
        {
            claims["idp"] = $"https://sts.windows.net/{home}/";
            claims["acct"] = 1;
        }
        Groups(claims, grant);
        return claims;
    }

    // learn.microsoft.com/security/zero-trust/develop/configure-tokens-group-claims-app-roles: more than 200 groups are left out of a JWT.
    private static void Groups(JsonObject claims, Grant grant)
    {
        if (grant.Persona.GroupCount <= 200)
        {
            claims["groups"] = Strings(grant.Persona.Groups);
            return;
        }
        claims["_claim_names"] = new JsonObject { ["groups"] = "src1" };
        claims["_claim_sources"] = new JsonObject
        {
            ["src1"] = new JsonObject { ["endpoint"] = $"https://graph.windows.net/{grant.Tenant}/users/{grant.Persona.ObjectId}/getMemberObjects" },
        };
    }

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(static JsonNode? (v) => JsonValue.Create(v))]);

    private static string Pairwise(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
