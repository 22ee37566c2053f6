using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>Proves to Entra's token endpoint that the gateway is the app.</summary>
internal sealed class ClientCredential(Live<EntraOptions> live)
{
    /// <summary>Adds the proof to a token request.</summary>
    public ValueTask AddToAsync(Dictionary<string, string> form, string tokenEndpoint, CancellationToken cancel)
    {
        if (live.Current.ClientSecret is { Length: > 0 } secret)
            form["client_secret"] = secret;
        return ValueTask.CompletedTask;
    }
}
