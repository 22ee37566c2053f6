using System.Text.Json;

namespace Harden.DevEntra;

/// <summary>
/// The <c>claims</c> parameter (OpenID Connect Core section 5.5), as far as Entra's authentication contexts go: an app that wants step-up asks
/// for the claim <c>acrs</c>.
/// </summary>
/// <param name="IdToken">Authentication contexts asked for in the id token, such as <c>c1</c>.</param>
/// <param name="AccessToken">Those asked for in the access token.</param>
internal sealed record ClaimsRequest(string[] IdToken, string[] AccessToken)
{
    /// <summary>Nothing asked for.</summary>
    public static readonly ClaimsRequest None = new([], []);

    /// <summary>All contexts asked for, each once.</summary>
    public IEnumerable<string> Contexts => IdToken.Union(AccessToken);

    /// <summary>Reads the parameter; null if it isn't what it should be.</summary>
    public static ClaimsRequest? Parse(string? json)
    {
        if (string.IsNullOrEmpty(json))
            return None;
        try
        {
            using var parsed = JsonDocument.Parse(json);
            return parsed.RootElement.ValueKind == JsonValueKind.Object
                ? new(Acrs(parsed.RootElement, "id_token"), Acrs(parsed.RootElement, "access_token"))
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string[] Acrs(JsonElement root, string token)
    {
        if (!root.TryGetProperty(token, out var claims) || claims.ValueKind != JsonValueKind.Object || !claims.TryGetProperty("acrs", out var acrs) || acrs.ValueKind != JsonValueKind.Object)
            return [];
        if (acrs.TryGetProperty("value", out var one))
            return [one.GetString()!];
        return acrs.TryGetProperty("values", out var several) ? [.. several.EnumerateArray().Select(static v => v.GetString()!)] : [];
    }
}
