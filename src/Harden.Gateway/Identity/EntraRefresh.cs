using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>Asks Entra again who somebody is, with the refresh token of their sign-in.</summary>
internal sealed partial class EntraRefresh(EntraMetadata metadata, TokenValidator tokens, ClientCredential credential, Live<EntraOptions> live, ILogger<EntraRefresh> log) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = 1024 * 1024,
    };

    /// <summary>Asks.</summary>
    public async Task<Outcome> AskAsync(string refreshToken)
    {
        try
        {
            var configuration = await metadata.GetAsync(default);
            var form = new Dictionary<string, string>
            {
                ["grant_type"] = "refresh_token",
                ["client_id"] = live.Current.ClientId,
                ["refresh_token"] = refreshToken,
                ["scope"] = "openid profile email offline_access",
            };
            await credential.AddToAsync(form, configuration.TokenEndpoint, default);
            using var body = new FormUrlEncodedContent(form);
            using var response = await http.PostAsync(configuration.TokenEndpoint, body);
            using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            return response.StatusCode == HttpStatusCode.OK ? await ReadAsync(answer.RootElement) : Refused(answer.RootElement);
        }
        catch (Exception e) when (e is EntraUnavailableException or HttpRequestException or JsonException or TaskCanceledException or IOException or Microsoft.Identity.Client.MsalException)
        {
            return Failed(e.Message);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<Outcome> ReadAsync(JsonElement answer)
    {
        var token = Text(answer, "id_token");
        var outcome = await tokens.ValidateAsync(token, [live.Current.ClientId], default);
        if (outcome.Identity is null)
            return Failed($"the id token is not valid: {outcome.Problem}.");
        return Subjects.From(outcome.Identity.Claims, "session") is { } subject
            ? new(subject, Text(answer, "refresh_token") is { Length: > 0 } next ? next : null, null)
            : new(null, null, "no-object-id");
    }

    // Only what Entra says of the person ends their session. A credential of the gateway's own that has expired is no fault of theirs.
    private Outcome Refused(JsonElement answer)
    {
        var (error, code) = (Text(answer, "error"), AadSts().Match(Text(answer, "error_description")).Value);
        return error is "invalid_grant" or "interaction_required" or "consent_required" or "login_required"
            ? new(null, null, code.Length > 0 ? code : error)
            : Failed($"it answered \"{error}\" {code}.");
    }

    private Outcome Failed(string why)
    {
        Log.Failed(log, why);
        return default;
    }

    private static string Text(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

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
