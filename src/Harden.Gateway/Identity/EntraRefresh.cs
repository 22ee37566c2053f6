using System.Text.Json;
using System.Text.RegularExpressions;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>Asks Entra again who somebody is, with the refresh token of their sign-in.</summary>
internal sealed partial class EntraRefresh(EntraTokens entra, TokenValidator tokens, Live<EntraOptions> live, ILogger<EntraRefresh> log)
{
    /// <summary>Asks.</summary>
    public async Task<Outcome> AskAsync(string refreshToken)
    {
        try
        {
            var form = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken, ["scope"] = "openid profile email offline_access" };
            using var answer = await entra.AskAsync(form, default);
            return EntraTokens.Text(answer, "error").Length == 0 ? await ReadAsync(answer) : Refused(answer);
        }
        catch (EntraUnavailableException e)
        {
            return Failed(e.Message);
        }
    }

    private async Task<Outcome> ReadAsync(JsonDocument answer)
    {
        var outcome = await tokens.ValidateAsync(EntraTokens.Text(answer, "id_token"), [live.Current.ClientId], default);
        if (outcome.Identity is null)
            return Failed($"the id token is not valid: {outcome.Problem}.");
        return Subjects.From(outcome.Identity.Claims, "session") is { } subject
            ? new(subject, EntraTokens.Text(answer, "refresh_token") is { Length: > 0 } next ? next : null, null)
            : new(null, null, "no-object-id");
    }

    // Only what Entra says of the person ends their session. A credential of the gateway's own that has expired is no fault of theirs.
    private Outcome Refused(JsonDocument answer)
    {
        var (error, code) = (EntraTokens.Text(answer, "error"), AadSts().Match(EntraTokens.Text(answer, "error_description")).Value);
        return error is "invalid_grant" or "interaction_required" or "consent_required" or "login_required"
            ? new(null, null, code.Length > 0 ? code : error)
            : Failed($"it answered \"{error}\" {code}.");
    }

    private Outcome Failed(string why)
    {
        Log.Failed(log, why);
        return default;
    }

    [GeneratedRegex("AADSTS[0-9]{4,8}")]
    private static partial Regex AadSts();

    /// <summary>What Entra said; all null if it could not be asked.</summary>
    /// <param name="Subject">Who it is, as of now.</param>
    /// <param name="RefreshToken">The next refresh token, if it gave one.</param>
    /// <param name="Refusal">Why it no longer vouches for them.</param>
    internal readonly record struct Outcome(Subject? Subject, string? RefreshToken, string? Refusal);

    private static partial class Log
    {
        [LoggerMessage(2060, LogLevel.Warning, "Entra could not be asked again who a signed-in person is: {Reason} Sessions go on with what is known until it is Session:MaxClaimsAge old.")]
        public static partial void Failed(ILogger log, string reason);
    }
}
