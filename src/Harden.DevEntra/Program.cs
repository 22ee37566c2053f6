using Microsoft.AspNetCore.Connections;

namespace Harden.DevEntra;

/// <summary>A local stand-in for Microsoft Entra ID: the same endpoints, shapes and error codes, and nobody's password.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        try
        {
            await using var app = Build(args);
            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (e is RefusedException or IOException { InnerException: AddressInUseException })
        {
            await Console.Error.WriteLineAsync(e is RefusedException ? e.Message : $"DevEntra can't start: {e.Message} Stop what listens there, or set DevEntra:Listen.");
            return 78; // EX_CONFIG
        }
    }

    /// <exception cref="RefusedException">Not Development, or not loopback.</exception>
    internal static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var options = DevEntraOptions.Read(builder.Configuration, builder.Environment);
        builder.Configuration.Sources.Clear(); // neither Kestrel:Endpoints nor URLS may open another listener
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (options.Listen.Host == "localhost")
                kestrel.ListenLocalhost(options.Listen.Port);
            else
                kestrel.Listen(System.Net.IPAddress.Parse(options.Listen.Host.Trim('[', ']')), options.Listen.Port);
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // a start that fails is told in one sentence by Main
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<SigningKeys>();
        builder.Services.AddSingleton<Tokens>();
        builder.Services.AddSingleton<Grants>();
        builder.Services.AddSingleton<DeviceCodes>();
        builder.Services.AddSingleton<Faults>();
        builder.Services.AddSingleton<Accounts>();
        var app = builder.Build();

        // A page elsewhere could point its own name at this address (DNS rebinding) and act as the person at this machine.
        app.Use(static (context, next) => Uri.TryCreate($"http://{context.Request.Host}", UriKind.Absolute, out var host) && host.IsLoopback
            ? next(context)
            : Problem.WriteAsync(context, 400, "invalid_request", "AADSTS90019: DevEntra answers only to localhost."));
        app.Use(static (context, next) => context.RequestServices.GetRequiredService<Faults>().ApplyAsync(context, next));
        app.UseRouting();
        Discovery.Map(app);
        Authorize.Map(app);
        TokenEndpoint.Map(app);
        DeviceFlow.Map(app);
        DevPages.Map(app);
        return app;
    }
}
