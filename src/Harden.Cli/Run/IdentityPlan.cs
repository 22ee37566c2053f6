using System.Security.Cryptography;

namespace Harden.Cli.Run;

/// <summary>Who signs people in: Microsoft Entra ID if section <c>AzureAd</c> names a client, else DevEntra.</summary>
/// <param name="DevEntra">Where DevEntra will be; null if it is not needed.</param>
/// <param name="Tenant">The Entra tenant, for display.</param>
internal sealed record IdentityPlan(Listener? DevEntra, string Tenant)
{
    /// <summary>Tenant and app that DevEntra serves.</summary>
    public const string DevTenant = "de000000-0000-4000-8000-000000000001", DevClient = "de000000-0000-4000-8000-0000000000c1";

    private readonly string secret = RandomNumberGenerator.GetHexString(48, lowercase: true);

    /// <summary>Decides from the configuration.</summary>
    public static IdentityPlan Make(RunRequest request, Settings settings) =>
        settings["AzureAd:ClientId"] is null && settings["AzureAd:TenantId"] is null
            ? new(Listener.Choose(settings, "DevEntra, the local sign-in,", "DevEntra:Listen", request.EntraPort, "--entra-port", 8082) with { Mend = "--entra-port PORT, or the environment variable DevEntra__Listen" }, DevTenant)
            : new(null, settings["AzureAd:TenantId"] ?? "");

    /// <summary>Where DevEntra answers once it is ready.</summary>
    public Uri Discovery => new(DevEntra!.Url, $"/{Tenant}/v2.0/.well-known/openid-configuration");

    /// <summary>What DevEntra is told, on top of what all of Harden's own programs are.</summary>
    public Dictionary<string, string?> DevEntraEnvironment(Dictionary<string, string?> common) => new(common)
    {
        ["DevEntra__Listen"] = DevEntra!.Setting,
        ["DevEntra__TenantId"] = DevTenant,
        ["DevEntra__ClientId"] = DevClient,
        ["DevEntra__ClientSecret"] = secret,
    };

    /// <summary>What the gateway is told.</summary>
    public Dictionary<string, string?> GatewayEnvironment => DevEntra is null ? [] : new()
    {
        ["AzureAd__Instance"] = DevEntra.Url.ToString(),
        ["AzureAd__TenantId"] = DevTenant,
        ["AzureAd__ClientId"] = DevClient,
        ["AzureAd__ClientSecret"] = secret,
    };
}
