using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>
/// Section <c>AzureAd</c>: the Entra tenant and app registration, in Microsoft.Identity.Web's own keys, plus <see cref="AllowedTenants"/>.
/// Read at start: a change needs a restart.
/// </summary>
[RefusedKey("Authority", "is made of Instance and TenantId here: give these two.")]
[RefusedKey("SignedOutCallbackPath", "must be left out: after signing out people come back to /.harden/signout. Register that with each origin.")]
[RefusedKey("RemoteSignOutPath", "must be left out: the front-channel logout URL to register is /.harden/signout/frontchannel.")]
[RefusedKey("AllowWebApiToBeAuthorizedByACL", "is not supported: a service's token must carry an app role, or every service of the tenant could call. Assign it a role.")]
[RefusedKey("Scopes", "is said in access rules: give a rule its Scopes.")]
[RefusedKey("ClientCertificates", "is the older form of ClientCredentials, which takes the same entries.")]
[RefusedKey("UserAssignedManagedIdentityClientId", "is the older form of ManagedIdentityClientId in an entry of ClientCredentials.")]
[RefusedKey("SendX5C", "is for Microsoft's own apps: leave it out, and register the certificate with the app.")]
[RefusedKey("TokenDecryptionCredentials", "is not supported: have Entra send tokens that are not encrypted.")]
[RefusedKey("TokenDecryptionCertificates", "is not supported: have Entra send tokens that are not encrypted.")]
[RefusedKey("SignUpSignInPolicyId", "is of Azure AD B2C, which is not supported.")]
[RefusedKey("ResetPasswordPolicyId", "is of Azure AD B2C, which is not supported.")]
[RefusedKey("EditProfilePolicyId", "is of Azure AD B2C, which is not supported.")]
internal sealed class EntraOptions
{
    /// <summary>The authority's host. Default <c>https://login.microsoftonline.com/</c>; national clouds have others. A loopback or http address only in Development.</summary>
    public Uri Instance { get; set; } = new("https://login.microsoftonline.com/");

    /// <summary>Directory (tenant) id or domain; <c>organizations</c> or <c>common</c> for several tenants, then <see cref="AllowedTenants"/> names them.</summary>
    public string TenantId { get; set; } = "";

    /// <summary>The directory's domain, as templates of web apps write it. Not used: <see cref="TenantId"/> says all there is to say.</summary>
    public string? Domain { get; set; }

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
    internal string Authority => $"{Instance.ToString().TrimEnd('/')}/{TenantId}";

    /// <summary>True if a person or service of the tenant may be let in.</summary>
    internal bool Admits(string tenant) =>
        AnyTenant ? AllowedTenants.Contains(tenant, StringComparer.OrdinalIgnoreCase)
        : !Guid.TryParse(TenantId, out _) || tenant.Equals(TenantId, StringComparison.OrdinalIgnoreCase); // a domain is compared by the issuer
}

/// <summary>One entry of <c>AzureAd:ClientCredentials</c>, as Microsoft.Identity.Web reads it.</summary>
[RefusedKey("KeyVaultUrl", "is not supported: have the platform put the certificate into a file (SourceType Path), or use a managed identity (SignedAssertionFromManagedIdentity), which needs none.")]
[RefusedKey("KeyVaultCertificateName", "is not supported: use a file (SourceType Path) or a managed identity.")]
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

    /// <summary>For a certificate in the operating system's store: which one, such as <c>CurrentUser/My</c>, which is the default.</summary>
    public string? CertificateStorePath { get; set; }

    /// <summary>For <see cref="CredentialSource.StoreWithThumbprint"/>: the certificate's SHA-1 thumbprint.</summary>
    public string? CertificateThumbprint { get; set; }

    /// <summary>For <see cref="CredentialSource.StoreWithDistinguishedName"/>: the certificate's subject, such as <c>CN=tracker</c>. Of several the one that is valid for longest.</summary>
    public string? CertificateDistinguishedName { get; set; }

    /// <summary>For <see cref="CredentialSource.SignedAssertionFilePath"/>: the federated token's file. Default: <c>AZURE_FEDERATED_TOKEN_FILE</c>.</summary>
    public string? SignedAssertionFileDiskPath { get; set; }

    /// <summary>For <see cref="CredentialSource.SignedAssertionFromManagedIdentity"/>: client id of a user-assigned identity. Default: the system-assigned one.</summary>
    public string? ManagedIdentityClientId { get; set; }

    /// <summary>
    /// For <see cref="CredentialSource.SignedAssertionFromManagedIdentity"/>: audience of the identity's token. Default
    /// <c>api://AzureADTokenExchange</c>; national clouds have others, such as <c>api://AzureADTokenExchangeUSGov</c>.
    /// </summary>
    public string? TokenExchangeUrl { get; set; }
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

    /// <summary>A certificate in the operating system's store, by thumbprint.</summary>
    StoreWithThumbprint,

    /// <summary>A certificate in the operating system's store, by subject: a renewed one is found too.</summary>
    StoreWithDistinguishedName,

    /// <summary>A token file that a workload platform keeps fresh (Kubernetes workload identity).</summary>
    SignedAssertionFilePath,

    /// <summary>An Azure managed identity that the app registration trusts.</summary>
    SignedAssertionFromManagedIdentity,
}
