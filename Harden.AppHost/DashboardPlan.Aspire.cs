using System.Globalization;
using Harden.Cli.Run;
using Microsoft.Extensions.Configuration;

namespace Harden.AppHost;

/// <summary>Where Aspire's dashboard is, and how quiet the rest of it.</summary>
/// <param name="Listener">The dashboard's address.</param>
internal sealed record DashboardPlan(Listener Listener)
{
    /// <summary>Decides.</summary>
    public static DashboardPlan Make(int? port) => new(Listener.Local("Aspire's dashboard", port ?? 15080, "--dashboard-port PORT"));

    /// <summary>
    /// What a launch profile would say. There is none, because the engine of the core set would run under it too. Arguments and not environment, which
    /// everything that is started would inherit.
    /// </summary>
    public IEnumerable<string> Arguments =>
    [
        "--environment=Development",
        $"--ASPNETCORE_URLS={Listener.Setting}",
        $"--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL={Free()}",
        $"--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL={Free()}",
        "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
        "--DcpPublisher:WaitForResourceCleanup=true", // else the ports are still taken when the shell is back
        "--Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host=None", // a start that fails is told in a sentence
        // The terminal shows the banner and what goes wrong; the rest is in the dashboard.
        .. Environment.GetEnvironmentVariable("Logging__LogLevel__Default") is null ? ["--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Aspire=Warning"] : (string[])[],
    ];

    /// <summary>The address that signs in whoever follows it.</summary>
    public Uri Url(IConfiguration configuration) =>
        configuration["AppHost:BrowserToken"] is { Length: > 0 } token ? new(Listener.Url, $"/login?t={token}") : Listener.Url;

    private static string Free() => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{Listener.FreePort()}");
}
