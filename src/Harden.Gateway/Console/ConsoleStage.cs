using Harden.Gateway.Configuration;
using Harden.Gateway.Console.Health;
using Harden.Gateway.Console.Metrics;
using Harden.Gateway.Console.Pages;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Harden.Gateway.Console;

/// <summary>Adds the console on its own listener.</summary>
internal static class ConsoleStage
{
    /// <summary>Adds sections <c>Console</c> and <c>Governance</c>, and the management listener.</summary>
    public static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder)
    {
        builder.AddSection<ConsoleOptions>("Console", ConsoleOptionsValidator.Validate);
        builder.AddSection<GovernanceOptions>("Governance");
        builder.Services.AddOptions<KestrelServerOptions>().Configure<Live<ConsoleOptions>>(static (kestrel, live) =>
        {
            foreach (var address in live.Current.ListenOrDefault)
                ListenAddress.TryParse(address)!.Bind(kestrel, Mark);
        });
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<HealthProbe>();
        builder.Services.AddSingleton<PrometheusCollector>();
        builder.Services.AddSingleton<RecordSearch>();
        builder.Services.AddSingleton<ConsolePages>();
        builder.Services.AddSingleton<LocalAdministrator>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<LocalAdministrator>());
        builder.Services.AddSingleton<RecordedBodies>();
        // Looked up when it is asked for, because it needs the log open, and checking a configuration must open none.
        builder.Services.AddSingleton(new ManagementEndpoint(HttpMethods.Get, RecordedBodies.Path, static context => context.RequestServices.GetRequiredService<RecordedBodies>().HandleAsync(context)));
        builder.Services.AddSingleton<ConsoleGate>();
        return builder;
    }

    /// <summary>Ends requests of the management listener, and counts for <c>/metrics</c> from now on.</summary>
    public static void MapConsole(this IApplicationBuilder app)
    {
        app.ApplicationServices.GetRequiredService<PrometheusCollector>().Start();
        var gate = app.ApplicationServices.GetRequiredService<ConsoleGate>();
        app.MapWhen(ManagementConnection.Carries, branch => branch.Run(gate.HandleAsync));
    }

    /// <summary>Maps <c>/.harden/health/live</c> and <c>ready</c>.</summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder harden)
    {
        harden.MapMethods(ReservedPrefix.Path + "/health/live", ["GET", "HEAD"], HealthEndpoints.LiveAsync);
        harden.MapMethods(ReservedPrefix.Path + "/health/ready", ["GET", "HEAD"], HealthEndpoints.ReadyAsync);
        return harden;
    }

    private static void Mark(ListenOptions listen) => listen.Use(static next =>
    {
        var mark = new ManagementConnection();
        return connection =>
        {
            connection.Features.Set(mark);
            return next(connection);
        };
    });
}
