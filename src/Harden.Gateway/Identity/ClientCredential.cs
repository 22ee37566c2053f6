using System.Buffers.Text;
using System.Security.Cryptography;
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
    private (SigningCredentials Key, string Thumbprint)? loaded;
    private IManagedIdentityApplication? managed;

    /// <summary>Adds the proof to a token request.</summary>
    /// <exception cref="EntraUnavailableException">The proof can't be had.</exception>
    public async ValueTask AddToAsync(IDictionary<string, string> form, string tokenEndpoint, CancellationToken cancel)
    {
        if (live.Current.ClientSecret is { Length: > 0 } secret)
        {
            form["client_secret"] = secret;
            return;
        }
        if (live.Current.ClientCredentials is not [var first, ..])
            return; // a public client: EntraOptionsValidator allows that only in Development
        if (first.SourceType == CredentialSource.ClientSecret)
        {
            form["client_secret"] = first.ClientSecret!;
            return;
        }
        try
        {
            form["client_assertion"] = first.SourceType switch
            {
                CredentialSource.SignedAssertionFilePath => (await File.ReadAllTextAsync(FederatedTokenFile(first)!, cancel)).Trim(), // the platform replaces it within the hour
                CredentialSource.SignedAssertionFromManagedIdentity => (await Managed(first).AcquireTokenForManagedIdentity(first.TokenExchangeUrl ?? "api://AzureADTokenExchange").ExecuteAsync(cancel)).AccessToken,
                _ => Sign(Certificate(first), tokenEndpoint),
            };
            form["client_assertion_type"] = JwtBearer;
        }
        catch (Exception e) when (e is MsalException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EntraUnavailableException($"the gateway's own credential ({first.SourceType}) can't be had: {e.Message}", e);
        }
    }

    /// <summary>Where the federated token is: as configured, or where workload identity platforms put it.</summary>
    public static string? FederatedTokenFile(ClientCredentialOptions entry) =>
        entry.SignedAssertionFileDiskPath ?? Environment.GetEnvironmentVariable("AZURE_FEDERATED_TOKEN_FILE");

    /// <summary>Reads the certificate with its private key.</summary>
    /// <exception cref="CryptographicException">It can't be read, or isn't there.</exception>
    public static X509Certificate2 Load(ClientCredentialOptions entry)
    {
        var found = entry.SourceType switch
        {
            CredentialSource.Path => X509CertificateLoader.LoadPkcs12FromFile(entry.CertificateDiskPath!, entry.CertificatePassword),
            CredentialSource.Base64Encoded => X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(entry.Base64EncodedValue!), entry.CertificatePassword),
            _ => FromStore(entry),
        };
        return found.GetRSAPrivateKey() is not null ? found : throw new CryptographicException("It has no RSA private key.");
    }

    public void Dispose() => certificate?.Dispose();

    // learn.microsoft.com/entra/identity-platform/certificate-credentials
    private string Sign((SigningCredentials Key, string Thumbprint) certificate, string audience)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = live.Current.ClientId,
            Audience = audience,
            NotBefore = now,
            IssuedAt = now,
            Expires = now.AddMinutes(5),
            Subject = new([new("sub", live.Current.ClientId), new("jti", Guid.NewGuid().ToString())]),
            SigningCredentials = certificate.Key,
            AdditionalHeaderClaims = new Dictionary<string, object> { ["x5t#S256"] = certificate.Thumbprint },
        });
    }

    private (SigningCredentials Key, string Thumbprint) Certificate(ClientCredentialOptions entry)
    {
        lock (gate)
        {
            certificate ??= Load(entry);
            return loaded ??= (new(new RsaSecurityKey(certificate.GetRSAPrivateKey()), SecurityAlgorithms.RsaSsaPssSha256), Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256)));
        }
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
        var found = entry.SourceType == CredentialSource.StoreWithThumbprint
            ? store.Certificates.Find(X509FindType.FindByThumbprint, entry.CertificateThumbprint!, validOnly: false)
            : store.Certificates.Find(X509FindType.FindBySubjectDistinguishedName, entry.CertificateDistinguishedName!, validOnly: false);
        return found.OrderByDescending(static c => c.NotAfter).FirstOrDefault() ?? throw new CryptographicException($"Store {string.Join('/', path)} has no such certificate.");
    }
}
