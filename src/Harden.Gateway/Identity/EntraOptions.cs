namespace Harden.Gateway.Identity;

/// <summary>
/// Section <c>AzureAd</c>: the Entra tenant and app registration, in Microsoft.Identity.Web's own keys, plus <see cref="AllowedTenants"/>.
/// Read at start: a change needs a restart.
/// </summary>
internal sealed class EntraOptions
{
    /// <summary>The authority's host, such as <c>https://login.microsoftonline.com/</c>. A loopback or http address only in Development.</summary>
    public Uri? Instance { get; set; }

    /// <summary>Directory (tenant) id or domain; <c>organizations</c> or <c>common</c> for several tenants, then <see cref="AllowedTenants"/> names them.</summary>
    public string TenantId { get; set; } = "";

    /// <summary>Application (client) id.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Client secret. Prefer <see cref="ClientCredentials"/> with a certificate or a managed identity.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>How the gateway proves to Entra that it is the app; the first entry is used.</summary>
    public ClientCredentialOptions[] ClientCredentials { get; set; } = [];

    /// <summary>Always <c>/.harden/signin/callback</c>, because only the reserved prefix is never forwarded. Register it with each origin.</summary>
    public string? CallbackPath { get; set; }

    /// <summary>The tenants that may sign in when <see cref="TenantId"/> is <c>organizations</c> or <c>common</c>, as GUIDs. Default: none.</summary>
    public string[] AllowedTenants { get; set; } = [];

    /// <summary>Audience of API callers' tokens. Default: the client id and <c>api://client id</c>.</summary>
    public string? Audience { get; set; }

    /// <summary>More audiences of API callers' tokens.</summary>
    public string[] Audiences { get; set; } = [];

    /// <summary>How much the clocks of Entra and this machine may differ when a token's lifetime is judged. Default 2 minutes, at most 5.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>True if <see cref="TenantId"/> stands for several tenants.</summary>
    internal bool AnyTenant => TenantId.ToLowerInvariant() is "organizations" or "common" or "consumers";

    /// <summary>Base address of the tenant's endpoints, without a slash at its end.</summary>
    internal string Authority => $"{Instance!.ToString().TrimEnd('/')}/{TenantId}";

    /// <summary>True if a person or service of the tenant may be let in.</summary>
    internal bool Admits(string tenant) =>
        AnyTenant ? AllowedTenants.Contains(tenant, StringComparer.OrdinalIgnoreCase)
        : !Guid.TryParse(TenantId, out _) || tenant.Equals(TenantId, StringComparison.OrdinalIgnoreCase); // a domain is compared by the issuer
}

/// <summary>One entry of <c>AzureAd:ClientCredentials</c>, as Microsoft.Identity.Web reads it.</summary>
internal sealed class ClientCredentialOptions
{
    /// <summary>Where the credential is.</summary>
    public CredentialSource SourceType { get; set; }

    /// <summary>For <see cref="CredentialSource.ClientSecret"/>: the secret.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>For <see cref="CredentialSource.Path"/>: a PKCS#12 file.</summary>
    public string? CertificateDiskPath { get; set; }

    /// <summary>Password of that file.</summary>
    public string? CertificatePassword { get; set; }

    /// <summary>For <see cref="CredentialSource.Base64Encoded"/>: a PKCS#12 file in base64.</summary>
    public string? Base64EncodedValue { get; set; }

    /// <summary>For <see cref="CredentialSource.StoreWithThumbprint"/>: such as <c>CurrentUser/My</c>.</summary>
    public string? CertificateStorePath { get; set; }

    /// <summary>For <see cref="CredentialSource.StoreWithThumbprint"/>: the certificate's SHA-1 thumbprint.</summary>
    public string? CertificateThumbprint { get; set; }

    /// <summary>For <see cref="CredentialSource.SignedAssertionFilePath"/>: the federated token's file. Default: <c>AZURE_FEDERATED_TOKEN_FILE</c>.</summary>
    public string? SignedAssertionFileDiskPath { get; set; }

    /// <summary>For <see cref="CredentialSource.SignedAssertionFromManagedIdentity"/>: client id of a user-assigned identity. Default: the system-assigned one.</summary>
    public string? ManagedIdentityClientId { get; set; }
}

/// <summary>Where a client credential is.</summary>
internal enum CredentialSource
{
    /// <summary>In the entry itself.</summary>
    ClientSecret,

    /// <summary>A certificate file.</summary>
    Path,

    /// <summary>A certificate in the entry itself.</summary>
    Base64Encoded,

    /// <summary>A certificate in the operating system's store.</summary>
    StoreWithThumbprint,

    /// <summary>A token file that a workload platform keeps fresh (Kubernetes workload identity).</summary>
    SignedAssertionFilePath,

    /// <summary>An Azure managed identity that the app registration trusts.</summary>
    SignedAssertionFromManagedIdentity,
}
