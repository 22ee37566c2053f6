using System.Globalization;

namespace Harden.Gateway;

/// <summary>What a prototype is told by the host that starts it, and what it must not learn: the same for <c>harden run</c> and for Aspire.</summary>
internal static class PrototypeEnvironment
{
    // What Harden is configured with is not the prototype's to read: the client secret, the session store, the certificate's password.
    private static readonly string[] HardenOnly =
    [
        "AzureAd:", "Session:", "Edge:", "Access:", "RateLimits:", "Audit:", "Telemetry:", "Console:", "Governance:", "Prototype:", "DevEntra:", "Kestrel:",
        "ApiKeys:", "ConnectionStrings:redis", "CUSTOMCONNSTR_redis", "ConnectionStrings:audit", "CUSTOMCONNSTR_audit", "HARDEN_CONFIG",
    ];

    /// <summary>True for a variable of this process that the prototype must not inherit.</summary>
    public static bool IsHardenOnly(string variable)
    {
        var key = variable.Replace("__", ":", StringComparison.Ordinal); // the configuration reads either
        return Array.Exists(HardenOnly, prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The variables it is given.</summary>
    public static Dictionary<string, string> Of(PrototypeOptions options, int port)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        var environment = new Dictionary<string, string>
        {
            // What frameworks read that don't know PORT: ASP.NET Core, Flask, Uvicorn, Spring Boot.
            ["ASPNETCORE_URLS"] = $"http://localhost:{number}",
            ["FLASK_RUN_PORT"] = number,
            ["UVICORN_PORT"] = number,
            ["SERVER_PORT"] = number,
            [options.PortVariable] = number,
        };
        foreach (var (name, value) in options.Environment)
            environment[name] = WithPort(value, port);
        return environment;
    }

    /// <summary>A word of the command, or a value, with the port in the place of <c>{port}</c>.</summary>
    public static string WithPort(string text, int port) => text.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.OrdinalIgnoreCase);
}
