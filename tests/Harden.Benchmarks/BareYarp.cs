using System.Net;
using Yarp.ReverseProxy.Configuration;

namespace Harden.Benchmarks;

/// <summary>
/// What everything is compared with: YARP from the package, as its documentation sets it up, with the SDK's default runtime settings.
/// It logs from Warning up, since a console line per request would make it look slower than it is.
/// </summary>
internal static class BareYarp
{
    public static async Task<int> RunAsync(int port, string destination)
    {
        await using var app = Build(port, destination);
        await app.RunAsync();
        return 0;
    }

    public static WebApplication Build(int port, string destination)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null; // the 5 GB upload; costs and saves nothing
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "app", Match = new() { Path = "{**path}" } }],
            [new ClusterConfig { ClusterId = "app", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = destination } } }]);
        var app = builder.Build();
        app.MapReverseProxy();
        return app;
    }
}
