using Harden.Gateway.Configuration;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Harden.Gateway.Identity;

/// <summary>
/// Entra's endpoints and keys, fetched when first needed and kept: for half a day, or until a token names a key that isn't among
/// them. An identity provider that can't be reached is asked again at most every few seconds, and what was known stays in use.
/// IdentityModel's ConfigurationManager is not used because it takes no TimeProvider and asks a dead provider on every call.
/// </summary>
internal sealed partial class EntraMetadata(Live<EntraOptions> live, TimeProvider time, ILogger<EntraMetadata> log) : IDisposable
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(12);

    // An unknown key id is something any caller can send: it must not become a flood towards Entra.
    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Backoff = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim gate = new(1);
    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = 1024 * 1024,
    };

    private Snapshot? known;
    private volatile string? v1Issuer;
    private DateTimeOffset failed = DateTimeOffset.MinValue;

    /// <summary>What is known already, or null.</summary>
    public OpenIdConnectConfiguration? Known => Volatile.Read(ref known)?.Value;

    /// <summary>What is known, fetched if nothing is.</summary>
    /// <exception cref="EntraUnavailableException">Nothing is known and Entra can't be reached.</exception>
    public ValueTask<OpenIdConnectConfiguration> GetAsync(CancellationToken cancel) =>
        Volatile.Read(ref known) is { } now && time.GetUtcNow() - now.At < MaxAge ? new(now.Value) : new(FetchAsync(MaxAge, cancel));

    /// <summary>
    /// The issuer of v1 tokens, which Entra gives to APIs whose registration doesn't ask for v2. It differs in host and form, and only
    /// v1's own metadata says it; the keys are the same.
    /// </summary>
    /// <exception cref="EntraUnavailableException">It isn't known and Entra can't be reached.</exception>
    public async ValueTask<string> V1IssuerAsync(CancellationToken cancel)
    {
        if (v1Issuer is not null)
            return v1Issuer;
        await gate.WaitAsync(cancel);
        try
        {
            return v1Issuer ??= (await ReadAsync($"{live.Current.Authority}/.well-known/openid-configuration", cancel)).Issuer;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Fetches again, unless that has just been done: a token names a key that isn't known.</summary>
    public Task<OpenIdConnectConfiguration> RefreshAsync(CancellationToken cancel) => FetchAsync(MinAge, cancel);

    public void Dispose()
    {
        http.Dispose();
        gate.Dispose();
    }

    private async Task<OpenIdConnectConfiguration> FetchAsync(TimeSpan maxAge, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (known is not null && (time.GetUtcNow() - known.At < maxAge || time.GetUtcNow() - failed < Backoff))
                return known.Value;
            var address = $"{live.Current.Authority}/v2.0/.well-known/openid-configuration";
            if (time.GetUtcNow() - failed < Backoff)
                throw new EntraUnavailableException(address, null);
            try
            {
                var value = await ReadAsync(address, cancel);
                Volatile.Write(ref known, new(value, time.GetUtcNow()));
                return value;
            }
            catch (EntraUnavailableException) when (known is not null)
            {
                return known.Value;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<OpenIdConnectConfiguration> ReadAsync(string address, CancellationToken cancel)
    {
        try
        {
            var retriever = new HttpDocumentRetriever(http) { RequireHttps = live.Current.Instance!.Scheme == "https" };
            return await OpenIdConnectConfigurationRetriever.GetAsync(address, retriever, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            failed = time.GetUtcNow();
            Log.Unavailable(log, address, (e.InnerException ?? e).Message);
            throw new EntraUnavailableException(address, e);
        }
    }

    private sealed record Snapshot(OpenIdConnectConfiguration Value, DateTimeOffset At);

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Warning, "Entra's metadata at \"{Address}\" could not be read: {Reason} What was known before stays in use; without any, nobody can sign in until it answers.")]
        public static partial void Unavailable(ILogger log, string address, string reason);
    }
}

/// <summary>Entra can't be reached, or answers with something else than its answers.</summary>
internal sealed class EntraUnavailableException(string address, Exception? inner) : Exception($"Entra could not be reached at {address}.", inner);
