using Aspire.Hosting;
using Harden.Cli;
using Harden.Cli.Run;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Harden.AppHost;

/// <summary>The engine of the full package set: Aspire.</summary>
internal static class Engine
{
    /// <summary>Runs the prototype of the folder until Ctrl+C, or does what Aspire's command line wants done, such as publishing.</summary>
    public static async Task<int> RunAsync(string folder, string[] args)
    {
        try
        {
            if (!Flags.IsPublishing(args))
                return Flags.Read(folder, args) is { } flags ? await RunAsync(folder, flags) : 0;
            var builder = DistributedApplication.CreateBuilder(args);
            builder.AddHarden("gateway", folder).InFrontOfPrototype();
            await builder.Build().RunAsync();
            return 0;
        }
        catch (HostProblem problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return problem.ExitCode;
        }
        catch (DistributedApplicationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task<int> RunAsync(string folder, Flags flags)
    {
        var dashboard = DashboardPlan.Make(flags.DashboardPort);
        var plan = await RunPlan.MakeAsync(flags.Run, [dashboard.Listener], CancellationToken.None);
        plan.PrepareState();

        var builder = DistributedApplication.CreateBuilder([.. dashboard.Arguments, .. flags.Aspire]);
        var gateway = builder.AddHardenDecided("gateway", folder, Decided(plan)).InFrontOfPrototype();
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<Narrator>(services, plan, gateway.Resource, dashboard.Url(builder.Configuration)));
        // First of all: Aspire's own services have started only when every resource has.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(static services => services.GetRequiredService<Narrator>()));
        await using var app = builder.Build();
        var narrator = app.Services.GetRequiredService<Narrator>();
        try
        {
            await app.RunAsync();
        }
        catch (OperationCanceledException) when (app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            await app.StopAsync(); // told to stop, or stopped by the narrator, before everything had started
        }
        if (narrator.ExecuteTask is { IsFaulted: true } failed)
            await failed; // a fault of Harden's own: its trace is what a report of it needs
        return narrator.ExitCode;
    }

    // What both engines decide alike, so that the model has the ports that were found free.
    private static Dictionary<string, string> Decided(RunPlan plan)
    {
        var decided = new Dictionary<string, string>();
        if (plan.Gateway.App.IsGiven)
            decided["Edge:Listen:0"] = plan.Gateway.App.Setting;
        if (plan.Gateway.Console.IsGiven)
            decided["Console:Listen:0"] = plan.Gateway.Console.Setting;
        if (plan.Identity.DevEntra is { } entra)
            decided["DevEntra:Listen"] = entra.Setting;
        if (plan.Prototype.Start is not null)
            decided["Prototype:Address"] = plan.Prototype.Address.ToString();
        return decided;
    }
}
