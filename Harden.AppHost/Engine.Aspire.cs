using Aspire.Hosting;

namespace Harden.AppHost;

/// <summary>The engine of the full package set: Aspire.</summary>
internal static class Engine
{
    // What a launch profile would say. There is none, because the engine of the core set would run under it too. Handed over as arguments and not
    // as environment, which everything that is started would inherit.
    private static readonly (string Key, string Value)[] Dashboard =
    [
        ("ASPNETCORE_URLS", "http://localhost:15080"),
        ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://localhost:15081"),
        ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "http://localhost:15082"),
        ("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true"),
    ];

    /// <summary>Runs the prototype of the folder until Ctrl+C, or does what the Aspire command line wants done, such as publishing.</summary>
    public static async Task<int> RunAsync(string folder, string[] args)
    {
        try
        {
            var builder = DistributedApplication.CreateBuilder([.. Defaults(args), .. args]);
            builder.AddHarden("gateway", folder).InFrontOfPrototype();
            await builder.Build().RunAsync();
            return 0;
        }
        catch (DistributedApplicationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static IEnumerable<string> Defaults(string[] args)
    {
        var unset = Dashboard.Where(static setting => Environment.GetEnvironmentVariable(setting.Key) is null).Select(static setting => $"--{setting.Key}={setting.Value}");
        var isRun = !args.Contains("publish") && Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is null;
        return isRun ? unset.Append("--environment=Development") : unset;
    }
}
