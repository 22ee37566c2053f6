using System.Collections;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Harden.Gateway;
using Harden.Hosting.Decisions;

namespace Harden.Hosting;

/// <summary>The app that harden.json describes, as a resource of the model.</summary>
internal static class DescribedPrototype
{
    private const int PublishedPort = 8080;

    /// <summary>Adds the app and puts it behind the gateway.</summary>
    public static IResourceBuilder<HardenResource> PutBehind(IResourceBuilder<HardenResource> gateway)
    {
        var builder = gateway.ApplicationBuilder;
        var settings = gateway.Resource.Settings;
        var options = settings.Prototype;
        var isPublishing = builder.ExecutionContext.IsPublishMode;
        if (options.Command.Length > 0)
        {
            var port = isPublishing ? PublishedPort : options.Address?.Port ?? FreePort.Take();
            var launch = PrototypeLaunch.Make(options, settings.Directory, port, isPublishing ? [] : Environment.GetEnvironmentVariables().Keys.Cast<string>());
            return gateway.InFrontOf(isPublishing ? PublishedPrototype.Add(builder, launch) : Run(builder, launch, options));
        }
        if (options.Address is null)
            throw new InvalidOperationException($"{settings.File ?? "The configuration"} says neither how the prototype is started nor where it runs. Set Prototype:Command, such as [\"npm\", \"start\"], or Prototype:Address.");
        return gateway.InFrontOf(builder.AddExternalService(PrototypeLaunch.NameOf(options.Name), options.Address));
    }

    private static IResourceBuilder<IResourceWithEndpoints> Run(IDistributedApplicationBuilder builder, PrototypeLaunch launch, PrototypeOptions options)
    {
        var app = builder.AddExecutable(launch.ResourceName, launch.Command[0], launch.Directory, launch.Command[1..])
            .WithRequiredCommand(launch.Command[0])
            .WithHttpEndpoint(launch.Port, launch.Port, "http", options.PortVariable, isProxied: false)
            .WithOtlpExporter() // one that has OpenTelemetry joins the gateway's traces
            .WithUrlForEndpoint("http", static url => url.DisplayText = "App itself, without sign-in");
        foreach (var (name, value) in launch.Environment)
            app.WithEnvironment(name, value);
        return app.WithListeningCheck(launch.Port, options.HealthPath);
    }
}
