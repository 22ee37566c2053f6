using System.Net;
using System.Text.Json;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>Entra's token endpoint, asked as the app that the gateway is.</summary>
internal sealed class EntraTokens(EntraMetadata metadata, ClientCredential credential, Live<EntraOptions> live) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = 1024 * 1024,
    };

    /// <summary>Asks; the client's id and its proof are added to what is asked.</summary>
    /// <returns>What it answered, a JSON object: tokens, or an <c>error</c>.</returns>
    /// <exception cref="EntraUnavailableException">It doesn't answer, not as a token endpoint does, or the gateway's own credential can't be had.</exception>
    public async Task<JsonDocument> AskAsync(IDictionary<string, string> form, CancellationToken cancel)
    {
        var endpoint = (await metadata.GetAsync(cancel)).TokenEndpoint;
        form["client_id"] = live.Current.ClientId;
        await credential.AddToAsync(form, endpoint, cancel);
        JsonDocument? answer = null;
        try
        {
            using var body = new FormUrlEncodedContent(form);
            using var response = await http.PostAsync(endpoint, body, cancel);
            answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancel));
            if (response.StatusCode is < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests && answer.RootElement.ValueKind == JsonValueKind.Object
                && (response.IsSuccessStatusCode || Text(answer, "error").Length > 0))
                return answer;
            throw new EntraUnavailableException($"{endpoint} answers {(int)response.StatusCode}.", null);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or InvalidOperationException or IOException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            throw new EntraUnavailableException($"{endpoint} could not be asked: {e.Message}", e);
        }
        catch
        {
            answer?.Dispose();
            throw;
        }
    }

    /// <summary>A text of an answer; "" if it has none of that name.</summary>
    public static string Text(JsonDocument answer, string name) =>
        answer.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public void Dispose() => http.Dispose();
}
