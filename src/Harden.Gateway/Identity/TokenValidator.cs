using System.Security.Claims;
using Harden.Gateway.Configuration;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Harden.Gateway.Identity;

/// <summary>Validates tokens that Entra issued: signature, algorithm, issuer with its tenant, audience, lifetime.</summary>
internal sealed class TokenValidator(EntraMetadata metadata, Live<EntraOptions> live, TimeProvider time)
{
    /// <summary>Asymmetric only, and never "none": with HS256 the public key would be the secret.</summary>
    public static readonly string[] Algorithms = ["RS256", "PS256", "ES256"];

    private readonly JsonWebTokenHandler handler = new();

    /// <summary>Clocks may differ by this much.</summary>
    public TimeSpan Skew => live.Current.ClockSkew;

    /// <summary>Validates a token.</summary>
    /// <returns>Its claims, or why it isn't valid in a stable word.</returns>
    /// <exception cref="EntraUnavailableException">The keys are not known and can't be fetched.</exception>
    public async Task<Outcome> ValidateAsync(string token, IEnumerable<string> audiences, CancellationToken cancel)
    {
        if (Parse(token) is not { } parsed)
            return new(null, "malformed", default, default);
        if (!Algorithms.Contains(parsed.Alg))
            return new(null, "algorithm", default, default);
        // RFC 7515 section 4.1.11: what the issuer marks as critical must be understood, and here nothing is. RFC 7800: a token bound to a key
        // (cnf) is good only together with a proof of that key, and a bearer brings none.
        if (parsed.TryGetHeaderValue<object>("crit", out _) || parsed.Claims.Any(static c => c.Type is "cnf"))
            return new(null, "not-a-bearer-token", default, default);
        var configuration = await metadata.GetAsync(cancel);
        var template = parsed.Claims.Any(static c => c is { Type: "ver", Value: "1.0" }) ? await metadata.V1IssuerAsync(cancel) : configuration.Issuer;
        // First, because it costs nothing: an app's own tokens must not have Entra asked for keys it doesn't have.
        if (!IsIssuer(parsed.Issuer, parsed, template))
            return new(null, "issuer", default, default);
        var keys = KeysOf(configuration, parsed);
        if (keys.Length == 0)
            keys = KeysOf(await metadata.RefreshAsync(cancel), parsed);
        if (keys.Length == 0)
            return new(null, "unknown-key", default, default);
        var parameters = new TokenValidationParameters
        {
            IssuerSigningKeys = keys,
            ValidAudiences = audiences,
            IssuerValidator = (issuer, jwt, _) => ValidateIssuer(issuer, (JsonWebToken)jwt, template),
            LifetimeValidator = (from, until, _, _) => until is { } end && end > (time.GetUtcNow() - Skew).UtcDateTime && (from is null || from < (time.GetUtcNow() + Skew).UtcDateTime),
            ValidateIssuerSigningKey = true,
        };
        var result = await handler.ValidateTokenAsync(parsed, parameters);
        return result.IsValid
            ? new(result.ClaimsIdentity, "", new DateTimeOffset(parsed.ValidTo, TimeSpan.Zero), new DateTimeOffset(parsed.IssuedAt, TimeSpan.Zero))
            : new(null, Reason(result.Exception), default, default);
    }

    /// <summary>
    /// The issuer must be the one that the metadata names; where that is a template, with the tenant of the token, and that tenant
    /// must be on the list. Otherwise anyone with a tenant of their own could walk in.
    /// </summary>
    public string ValidateIssuer(string issuer, JsonWebToken token, string template) =>
        IsIssuer(issuer, token, template) ? issuer : throw new SecurityTokenInvalidIssuerException($"Issuer \"{issuer}\" of tenant \"{TenantOf(token)}\" is not admitted.");

    private bool IsIssuer(string issuer, JsonWebToken token, string template)
    {
        var tenant = TenantOf(token);
        var expected = template.Replace("{tenantid}", tenant, StringComparison.OrdinalIgnoreCase);
        return Guid.TryParse(tenant, out _) && issuer == expected && issuer.Contains(tenant, StringComparison.OrdinalIgnoreCase) && live.Current.Admits(tenant);
    }

    private static string TenantOf(JsonWebToken token) => token.Claims.FirstOrDefault(static c => c.Type == "tid")?.Value ?? "";

    private JsonWebToken? Parse(string token)
    {
        try
        {
            if (token.Length > 32 * 1024 || !handler.CanReadToken(token))
                return null;
            var parsed = new JsonWebToken(token);
            return parsed.Claims.Any() ? parsed : null; // lists are read only now, and may hold what is no text
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or System.Text.Json.JsonException or SecurityTokenException)
        {
            return null;
        }
    }

    // Entra names with each key whose tokens it may sign: those of any tenant, or of one.
    private static SecurityKey[] KeysOf(OpenIdConnectConfiguration configuration, JsonWebToken token)
    {
        if (string.IsNullOrEmpty(token.Kid))
            return [];
        foreach (var key in configuration.JsonWebKeySet?.Keys ?? [])
        {
            if (key.Kid == token.Kid && key.AdditionalData.TryGetValue("issuer", out var issuer) && issuer?.ToString() is { } text
                && !text.Contains("{tenantid}", StringComparison.OrdinalIgnoreCase) && !text.Contains(TenantOf(token), StringComparison.OrdinalIgnoreCase))
                return [];
        }
        return [.. configuration.SigningKeys.Where(key => key.KeyId == token.Kid)];
    }

    private string Reason(Exception? e) => e switch
    {
        SecurityTokenInvalidAudienceException => "audience",
        SecurityTokenInvalidIssuerException => "issuer",
        SecurityTokenInvalidLifetimeException { NotBefore: { } from } when from > time.GetUtcNow().UtcDateTime => "not-yet-valid", // one of the clocks is wrong
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException => "expired",
        _ => "signature",
    };

    /// <summary>What became of a validation.</summary>
    /// <param name="Identity">The claims; null if not valid.</param>
    /// <param name="Problem">Why not, in a stable word.</param>
    /// <param name="Expires">When the token does.</param>
    /// <param name="Issued">When it was issued.</param>
    internal readonly record struct Outcome(ClaimsIdentity? Identity, string Problem, DateTimeOffset Expires, DateTimeOffset Issued);
}
