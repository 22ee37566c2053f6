using System.Text.Json.Serialization;

namespace Harden.Cli.Token;

/// <summary>A token.</summary>
internal sealed record TokenAnswer
{
    [JsonPropertyName("access_token")] public string AccessToken { get; init; } = null!;
    [JsonPropertyName("expires_in")] public int ExpiresIn { get; init; }
}

/// <summary>RFC 8628 section 3.2.</summary>
internal sealed record DeviceCode
{
    [JsonPropertyName("device_code")] public string Code { get; init; } = null!;
    [JsonPropertyName("user_code")] public string UserCode { get; init; } = null!;
    [JsonPropertyName("verification_uri")] public string VerificationUri { get; init; } = null!;
    [JsonPropertyName("expires_in")] public int ExpiresIn { get; init; }
    [JsonPropertyName("interval")] public int Interval { get; init; } = 5;
}

/// <summary>A refusal.</summary>
internal sealed record Failure
{
    /// <summary>The word for an Entra that does not answer.</summary>
    public const string Unavailable = "unavailable";

    [JsonPropertyName("error")] public string Error { get; init; } = null!;
    [JsonPropertyName("error_description")] public string Description { get; init; } = "";

    /// <summary>What Entra says, without the ids at its end.</summary>
    public string Sentence
    {
        get
        {
            var text = Description.Split(" Trace ID:")[0].ReplaceLineEndings(" ").Trim();
            return text.Length == 0 ? $"{Error}." : text.Length > 400 ? text[..400] + "…" : text;
        }
    }

    /// <summary>The sentence for the person at the terminal.</summary>
    public HostProblem ToProblem(TokenRequest request) => Error switch
    {
        Unavailable => new(Description, ManagementClient.Unavailable),
        "authorization_declined" or "access_denied" when Description.Contains("AADSTS65004", StringComparison.Ordinal) || Error == "authorization_declined" => new("The sign-in was declined."),
        "expired_token" => new("The code expired before anyone entered it. Run the command again."),
        _ when Says("AADSTS7000218") => new($"The app registration {request.ClientId} is not a public client, and a program on your machine has no secret to send. In Entra, under Authentication, add the platform \"Mobile and desktop applications\" with http://localhost and allow public client flows; or register a public client of its own and name it with --client-id."),
        _ when Says("AADSTS65001") => new($"Nobody has consented yet to {request.ClientId} calling the app for you ({Sentence}). An administrator can grant it in Entra, under API permissions."),
        _ when Says("AADSTS500011") || Says("AADSTS70011") || Says("AADSTS1002012") => new($"Entra does not know the scope {request.Scope} ({Sentence}). Name one that the app exposes with --scope."),
        _ => new($"Entra refused: {Sentence}"),
    };

    private bool Says(string code) => Description.StartsWith(code + ":", StringComparison.Ordinal);
}

/// <summary>Reads them without reflection.</summary>
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(DeviceCode))]
[JsonSerializable(typeof(Failure))]
[JsonSerializable(typeof(EntraClient.Metadata))]
internal sealed partial class TokenJson : JsonSerializerContext;
