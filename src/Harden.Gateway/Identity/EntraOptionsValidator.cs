using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>What annotations can't say of <see cref="EntraOptions"/>.</summary>
internal static class EntraOptionsValidator
{
    /// <summary>The one callback path there is.</summary>
    public const string CallbackPath = ReservedPrefix.Path + "/signin/callback";

    public static void Validate(EntraOptions options, Problems problems, bool development)
    {
        if (options.TenantId.Length + options.ClientId.Length == 0)
        {
            problems.Add("AzureAd", development
                ? "is missing, so nobody could sign in. For development start DevEntra (dotnet run --project src/Harden.DevEntra) and set Instance to http://localhost:8082/, TenantId to de000000-0000-4000-8000-000000000001 and ClientId to de000000-0000-4000-8000-0000000000c1."
                : "is missing, so nobody could sign in. Set TenantId and ClientId of your app registration, and a credential, such as ClientSecret.");
            return;
        }
        Instance(options, problems, development);
        if (options.TenantId.Length == 0)
            problems.Add("AzureAd:TenantId", "is missing: the directory (tenant) id of the app registration, or organizations for several tenants.");
        else if (options.TenantId.AsSpan().IndexOfAny("/?#\\ ") >= 0)
            problems.Add("AzureAd:TenantId", "must be a GUID, a domain, organizations or common.");
        if (!Guid.TryParse(options.ClientId, out _))
            problems.Add("AzureAd:ClientId", "must be the application (client) id of the app registration, a GUID.");
        if (options.CallbackPath is { } path && path != CallbackPath)
            problems.Add("AzureAd:CallbackPath", $"must be {CallbackPath} or left out: every other path belongs to the app behind the gateway.");
        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > TimeSpan.FromMinutes(5))
            problems.Add("AzureAd:ClockSkew", "must be from 00:00:00 to 00:05:00.");
        Tenants(options, problems);
        Credentials(options, problems, development);
    }

    private static void Instance(EntraOptions options, Problems problems, bool development)
    {
        var instance = options.Instance;
        if (!instance.IsAbsoluteUri || instance.Scheme is not ("https" or "http"))
            problems.Add("AzureAd:Instance", "must be an absolute address such as https://login.microsoftonline.com/.");
        else if (instance.Query.Length + instance.Fragment.Length + instance.UserInfo.Length > 0)
            problems.Add("AzureAd:Instance", "must be scheme and host only, such as https://login.microsoftonline.com/.");
        else if (!development && (instance.Scheme != "https" || instance.IsLoopback))
            problems.Add("AzureAd:Instance", "is a loopback or http address, which only Development may trust: anyone could be signed in as anyone. Use https://login.microsoftonline.com/, or set ASPNETCORE_ENVIRONMENT=Development on a developer's machine.");
        else if (development && instance.Scheme != "https" && !instance.IsLoopback)
            problems.Add("AzureAd:Instance", "must be https unless it is on this machine.");
    }

    private static void Tenants(EntraOptions options, Problems problems)
    {
        if (options.AnyTenant && options.AllowedTenants.Length == 0)
            problems.Add("AzureAd:AllowedTenants", $"is empty while TenantId is {options.TenantId}, so no tenant may sign in: list the tenant ids that may.");
        if (!options.AnyTenant && options.TenantId.Length > 0 && options.AllowedTenants.Length > 0)
            problems.Add("AzureAd:AllowedTenants", "has a meaning only when TenantId is organizations or common: remove it, or change TenantId.");
        for (var i = 0; i < options.AllowedTenants.Length; i++)
        {
            if (!Guid.TryParseExact(options.AllowedTenants[i], "D", out _))
                problems.Add($"AzureAd:AllowedTenants:{i}", "must be a tenant id, a GUID such as 00000000-0000-0000-0000-000000000000.");
        }
    }

    private static void Credentials(EntraOptions options, Problems problems, bool development)
    {
        if (!development && string.IsNullOrEmpty(options.ClientSecret) && options.ClientCredentials.Length == 0)
            problems.Add("AzureAd:ClientCredentials", "is empty and there is no ClientSecret: Entra redeems no sign-in for a web app without a credential. Add a certificate, a federated credential or a secret.");
        if (!string.IsNullOrEmpty(options.ClientSecret) && options.ClientCredentials.Length > 0)
            problems.Add("AzureAd:ClientSecret", "is set beside ClientCredentials; only one of the two can be meant.");
        for (var i = 0; i < options.ClientCredentials.Length; i++)
        {
            var (key, entry) = ($"AzureAd:ClientCredentials:{i}", options.ClientCredentials[i]);
            var (name, value) = entry.SourceType switch
            {
                CredentialSource.ClientSecret => ("ClientSecret", entry.ClientSecret),
                CredentialSource.Path => ("CertificateDiskPath", entry.CertificateDiskPath),
                CredentialSource.Base64Encoded => ("Base64EncodedValue", entry.Base64EncodedValue),
                CredentialSource.StoreWithThumbprint => ("CertificateThumbprint", entry.CertificateThumbprint),
                CredentialSource.StoreWithDistinguishedName => ("CertificateDistinguishedName", entry.CertificateDistinguishedName),
                CredentialSource.SignedAssertionFilePath => ("SignedAssertionFileDiskPath", ClientCredential.FederatedTokenFile(entry)),
                _ => ("", "-"),
            };
            if (string.IsNullOrEmpty(value))
                problems.Add($"{key}:{name}", $"is missing; SourceType {entry.SourceType} needs it.");
            else if (entry.SourceType is CredentialSource.Path or CredentialSource.Base64Encoded or CredentialSource.StoreWithThumbprint or CredentialSource.StoreWithDistinguishedName)
                Certificate($"{key}:{name}", entry, problems);
        }
    }

    // A certificate that can't be used would otherwise show at the first sign-in only.
    private static void Certificate(string key, ClientCredentialOptions entry, Problems problems)
    {
        try
        {
            ClientCredential.Load(entry).Dispose();
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or IOException or FormatException or UnauthorizedAccessException)
        {
            problems.Add(key, $"is no certificate that can be used: {e.Message}");
        }
    }
}
