using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harden.Cli.Token;

/// <summary>Entra's endpoints, as a public client uses them: without a secret.</summary>
internal sealed class EntraClient : IDisposable
{
    private readonly HttpClient http;
    private readonly Metadata metadata;

    private EntraClient(HttpClient http, Metadata metadata, TokenRequest request) => (this.http, this.metadata, Request) = (http, metadata, request);

    /// <summary>What is asked for.</summary>
    public TokenRequest Request { get; }

    /// <summary>Where a person signs in.</summary>
    public string AuthorizationEndpoint => metadata.AuthorizationEndpoint;

    /// <summary>Finds the endpoints.</summary>
    /// <exception cref="HostProblem">They can't be found.</exception>
    public static async Task<EntraClient> FindAsync(TokenRequest request, CancellationToken cancel)
    {
        var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20), MaxResponseContentBufferSize = 1024 * 1024 };
        var address = $"{request.Authority}/v2.0/.well-known/openid-configuration";
        try
        {
            using var answer = await http.GetAsync(address, cancel);
            var body = await answer.Content.ReadAsStringAsync(cancel);
            if (!answer.IsSuccessStatusCode && Read(body, TokenJson.Default.Failure) is { Error: not null } failure)
                throw new HostProblem($"Entra does not know the tenant: {failure.Sentence} Check AzureAd:TenantId.");
            if (Read(body, TokenJson.Default.Metadata) is not { AuthorizationEndpoint: not null, TokenEndpoint: not null } found)
                throw new HostProblem($"{address} is not the metadata of an identity provider (status {(int)answer.StatusCode}). Check AzureAd:Instance and AzureAd:TenantId.");
            return new(http, found, request);
        }
        catch (Exception e) when (IsNetwork(e, cancel))
        {
            http.Dispose();
            throw Unreachable(address, e, request.IsDevEntra ? " AzureAd is not configured, so this is DevEntra: start it with harden run (if that was given --entra-port, say so here too: DevEntra__Listen=http://localhost:PORT), or set AzureAd for your tenant (environment: AzureAd__TenantId, AzureAd__ClientId)." : "");
        }
    }

    /// <summary>Asks for a device code.</summary>
    /// <exception cref="HostProblem">Entra refuses.</exception>
    public async Task<DeviceCode> BeginDeviceAsync(CancellationToken cancel)
    {
        var endpoint = metadata.DeviceAuthorizationEndpoint ?? throw new HostProblem("This identity provider has no device codes. Leave --device out.");
        var (body, failure) = await PostAsync(endpoint, cancel, ("client_id", Request.ClientId), ("scope", "openid " + Request.Scope));
        if (failure is not null)
            throw failure.ToProblem(Request);
        return Read(body, TokenJson.Default.DeviceCode) is { Code: not null, UserCode: not null, VerificationUri: not null } code ? code : throw new HostProblem("Entra's answer to the request for a device code makes no sense.");
    }

    /// <summary>Asks for the token.</summary>
    public async Task<(TokenAnswer? Token, Failure? Failure)> RedeemAsync(CancellationToken cancel, params (string Name, string Value)[] form)
    {
        var (body, failure) = await PostAsync(metadata.TokenEndpoint, cancel, [("client_id", Request.ClientId), .. form]);
        if (failure is not null)
            return (null, failure);
        return Read(body, TokenJson.Default.TokenAnswer) is { AccessToken: not null } token ? (token, null) : throw new HostProblem("Entra's answer has no access token in it.");
    }

    public void Dispose() => http.Dispose();

    private async Task<(string Body, Failure? Failure)> PostAsync(string endpoint, CancellationToken cancel, params (string Name, string Value)[] form)
    {
        try
        {
            using var content = new FormUrlEncodedContent(form.Select(static f => KeyValuePair.Create(f.Name, f.Value)));
            using var answer = await http.PostAsync(endpoint, content, cancel);
            var body = await answer.Content.ReadAsStringAsync(cancel);
            if (answer.IsSuccessStatusCode)
                return (body, null);
            return (body, Read(body, TokenJson.Default.Failure) is { Error: not null } failure && (int)answer.StatusCode < 500 ? failure : new() { Error = Failure.Unavailable, Description = $"{endpoint} answered {(int)answer.StatusCode}." });
        }
        catch (Exception e) when (IsNetwork(e, cancel))
        {
            return ("", new() { Error = Failure.Unavailable, Description = Unreachable(endpoint, e, "").Message });
        }
    }

    private static T? Read<T>(string json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsNetwork(Exception e, CancellationToken cancel) => e is HttpRequestException || (e is TaskCanceledException && !cancel.IsCancellationRequested);

    private static HostProblem Unreachable(string address, Exception e, string more) =>
        new($"{new Uri(address).GetLeftPart(UriPartial.Authority)} can't be reached: {(e.InnerException ?? e).Message.TrimEnd('.')}.{more}", ManagementClient.Unavailable);

    /// <summary>OpenID Connect discovery.</summary>
    internal sealed record Metadata
    {
        [JsonPropertyName("authorization_endpoint")] public string AuthorizationEndpoint { get; init; } = null!;
        [JsonPropertyName("token_endpoint")] public string TokenEndpoint { get; init; } = null!;
        [JsonPropertyName("device_authorization_endpoint")] public string? DeviceAuthorizationEndpoint { get; init; }
    }
}
