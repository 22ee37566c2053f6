using Harden.Cli.Run;
using Harden.Gateway.Configuration;

namespace Harden.Cli.Token;

/// <summary>Whom to ask for a token, and for what.</summary>
/// <param name="Authority">The tenant's base address, without a slash at its end.</param>
/// <param name="ClientId">The public client that asks.</param>
/// <param name="Scope">What it asks for.</param>
/// <param name="IsDevEntra">It is the local stand-in, because the configuration names no tenant.</param>
internal sealed record TokenRequest(string Authority, string ClientId, string Scope, bool IsDevEntra)
{
    /// <summary>Reads section <c>AzureAd</c>.</summary>
    /// <exception cref="HostProblem">It doesn't say whom to ask.</exception>
    public static TokenRequest Of(Settings settings, string? client, string? scope)
    {
        var dev = settings["AzureAd:ClientId"] is null && settings["AzureAd:TenantId"] is null;
        var instance = settings["AzureAd:Instance"] ?? (dev ? settings["DevEntra:Listen"] ?? "http://localhost:8082" : "https://login.microsoftonline.com/");
        var tenant = dev ? IdentityPlan.DevTenant : settings["AzureAd:TenantId"];
        var app = dev ? IdentityPlan.DevClient : settings["AzureAd:ClientId"];
        if (tenant is null || app is null)
            throw Mistake($"AzureAd:{(tenant is null ? "TenantId" : "ClientId")} is missing: harden token needs TenantId and ClientId, in harden.json or as environment variables (AzureAd__TenantId, AzureAd__ClientId).");
        if (!Uri.TryCreate(instance, UriKind.Absolute, out var uri) || (uri.Scheme != "https" && !(uri.Scheme == "http" && uri.IsLoopback)))
            throw Mistake($"AzureAd:Instance is \"{instance}\", and must be https, such as https://login.microsoftonline.com/, unless it is on this machine.");
        return new($"{instance.TrimEnd('/')}/{tenant}", client ?? app, scope ?? $"{app}/.default", dev);
    }

    private static HostProblem Mistake(string message) => new(message, ConfigurationException.ExitCode);
}
