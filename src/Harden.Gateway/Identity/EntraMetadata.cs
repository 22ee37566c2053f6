using Harden.Gateway.Configuration;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Harden.Gateway.Identity;

/// <summary>
/// Entra's endpoints and keys, fetched when first needed and kept. IdentityModel's ConfigurationManager is not used because it takes no
/// TimeProvider and asks a dead provider on every call.
/// </summary>
internal sealed partial class EntraMetadata : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = 1024 * 1024,
    };

    private readonly Live<EntraOptions> live;
    private readonly ILogger log;
    private readonly EntraDocument v1;
    private readonly EntraDocument v2;

    public EntraMetadata(Live<EntraOptions> live, TimeProvider time, ILogger<EntraMetadata> log)
    {
        (this.live, this.log) = (live, log);
        // Each by itself: that one can't be read says nothing of the other.
        v1 = new(() => $"{live.Current.Authority}/.well-known/openid-configuration", ReadAsync, time);
        v2 = new(() => $"{live.Current.Authority}/v2.0/.well-known/openid-configuration", ReadAsync, time);
    }

    /// <summary>What is known already, or null.</summary>
    public OpenIdConnectConfiguration? Known => v2.Known;

    /// <summary>What is known, fetched if nothing is.</summary>
    /// <exception cref="EntraUnavailableException">Nothing is known and Entra can't be reached.</exception>
    public ValueTask<OpenIdConnectConfiguration> GetAsync(CancellationToken cancel) => v2.GetAsync(cancel);

    /// <summary>
    /// The issuer of v1 tokens, which Entra gives to APIs whose registration doesn't ask for v2. It differs in host and form, and only
    /// v1's own metadata says it; the keys are the same.
    /// </summary>
    /// <exception cref="EntraUnavailableException">It isn't known and Entra can't be reached.</exception>
    public async ValueTask<string> V1IssuerAsync(CancellationToken cancel) => (await v1.GetAsync(cancel)).Issuer;

    /// <summary>Fetches again, unless that has just been done: a token names a key that isn't known.</summary>
    public Task<OpenIdConnectConfiguration> RefreshAsync(CancellationToken cancel) => v2.RefreshAsync(cancel);

    public void Dispose() => http.Dispose();

    private async Task<OpenIdConnectConfiguration> ReadAsync(string address)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience); // two documents, the second named by the first
            var retriever = new HttpDocumentRetriever(http) { RequireHttps = live.Current.Instance.Scheme == "https" };
            var read = await OpenIdConnectConfigurationRetriever.GetAsync(address, retriever, limit.Token);
            // A captive portal or a proxy in between may answer with JSON of its own. It must not take the place of what is known.
            return read.Issuer is { Length: > 0 } && read.AuthorizationEndpoint is { Length: > 0 } && read.TokenEndpoint is { Length: > 0 } && read.SigningKeys.Count > 0
                ? read
                : throw new InvalidDataException("It names no issuer, endpoints or keys.");
        }
        catch (Exception e)
        {
            Log.Unavailable(log, address, (e.InnerException ?? e).Message);
            throw new EntraUnavailableException($"{address} could not be read: {(e.InnerException ?? e).Message}", e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Warning, "Entra's metadata at \"{Address}\" could not be read: {Reason} What was known before stays in use; without any, nobody can sign in until it answers.")]
        public static partial void Unavailable(ILogger log, string address, string reason);
    }
}

/// <summary>Entra can't be asked: it doesn't answer, answers with something else than its answers, or the gateway can't prove who it is.</summary>
internal sealed class EntraUnavailableException(string why, Exception? inner) : Exception(why, inner);
