using System.Security.Cryptography.X509Certificates;
using Harden.Gateway.Configuration;
using Microsoft.Identity.Client;
using Microsoft.Identity.Client.AppConfig;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Harden.Gateway.Identity;

/// <summary>Proves to Entra's token endpoint that the gateway is the app: by a secret, a certificate, or somebody Entra trusts to vouch for it.</summary>
internal sealed class ClientCredential(Live<EntraOptions> live, TimeProvider time) : IDisposable
{
    private const string JwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private readonly Lock gate = new();
    private X509Certificate2? certificate;
    private IManagedIdentityApplication? managed;

    /// <summary>Adds the proof to a token request.</summary>
    public async ValueTask AddToAsync(IDictionary<string, string> form, string tokenEndpoint, CancellationToken cancel)
    {
        if (live.Current.ClientSecret is { Length: > 0 } secret)
        {
            form["client_secret"] = secret;
            return;
        }
        if (live.Current.ClientCredentials is not [var first, ..])
            return; // a public client: EntraOptionsValidator allows that only in Development
        switch (first.SourceType)
        {
            case CredentialSource.ClientSecret:
                form["client_secret"] = first.ClientSecret!;
                return;
            case CredentialSource.SignedAssertionFilePath:
                form["client_assertion"] = (await File.ReadAllTextAsync(FederatedTokenFile(first)!, cancel)).Trim(); // the platform replaces it within the hour
                break;
            case CredentialSource.SignedAssertionFromManagedIdentity:
                var token = await Managed(first).AcquireTokenForManagedIdentity("api://AzureADTokenExchange").ExecuteAsync(cancel);
                form["client_assertion"] = token.AccessToken;
                break;
            default:
                form["client_assertion"] = Sign(Certificate(first), tokenEndpoint);
                break;
        }
        form["client_assertion_type"] = JwtBearer;
    }

    /// <summary>Where the federated token is: as configured, or where workload identity platforms put it.</summary>
    public static string? FederatedTokenFile(ClientCredentialOptions entry) =>
        entry.SignedAssertionFileDiskPath ?? Environment.GetEnvironmentVariable("AZURE_FEDERATED_TOKEN_FILE");

    /// <summary>Reads the certificate with its private key.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It can't be read, or isn't there.</exception>
    public static X509Certificate2 Load(ClientCredentialOptions entry)
    {
        var loaded = entry.SourceType switch
        {
            CredentialSource.Path => X509CertificateLoader.LoadPkcs12FromFile(entry.CertificateDiskPath!, entry.CertificatePassword),
            CredentialSource.Base64Encoded => X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(entry.Base64EncodedValue!), entry.CertificatePassword),
            _ => FromStore(entry),
        };
        return loaded.GetRSAPrivateKey() is not null ? loaded : throw new System.Security.Cryptography.CryptographicException("It has no RSA private key.");
    }

    public void Dispose() => certificate?.Dispose();

    private string Sign(X509Certificate2 key, string audience)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var credentials = new SigningCredentials(new X509SecurityKey(key), SecurityAlgorithms.RsaSsaPssSha256);
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = live.Current.ClientId,
            Audience = audience,
            NotBefore = now,
            IssuedAt = now,
            Expires = now.AddMinutes(5),
            Subject = new([new("sub", live.Current.ClientId), new("jti", Guid.NewGuid().ToString())]),
            SigningCredentials = credentials,
        });
    }

    private X509Certificate2 Certificate(ClientCredentialOptions entry)
    {
        lock (gate)
            return certificate ??= Load(entry);
    }

    private IManagedIdentityApplication Managed(ClientCredentialOptions entry)
    {
        lock (gate) // it caches its tokens
            return managed ??= ManagedIdentityApplicationBuilder.Create(entry.ManagedIdentityClientId is { Length: > 0 } id ? ManagedIdentityId.WithUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned).Build();
    }

    private static X509Certificate2 FromStore(ClientCredentialOptions entry)
    {
        var path = (entry.CertificateStorePath ?? "CurrentUser/My").Split('/');
        using var store = new X509Store(path[^1], path[0].Equals("LocalMachine", StringComparison.OrdinalIgnoreCase) ? StoreLocation.LocalMachine : StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
        var found = store.Certificates.Find(X509FindType.FindByThumbprint, entry.CertificateThumbprint!, validOnly: false);
        return found.Count > 0 ? found[0] : throw new System.Security.Cryptography.CryptographicException($"Store {string.Join('/', path)} has no such certificate.");
    }
}
