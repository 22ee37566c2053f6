using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Harden.Hosting.Decisions;

namespace Harden.Hosting;

/// <summary>Adds the gateway itself: its project, its two listeners, its health.</summary>
internal static class GatewayProject
{
    /// <summary>Adds the project with its endpoints, as its settings have them.</summary>
    public static IResourceBuilder<HardenResource> AddGateway(this IDistributedApplicationBuilder builder, string name, GatewaySettings settings)
    {
        var gateway = builder.AddResource(new HardenResource(name, settings)).AsHardenProject("Harden_Gateway")
            .WithIconName("ShieldTask")
            .WithListener(HardenResource.AppEndpointName, "Edge:Listen", 8080, "App, behind sign-in")
            .WithListener(HardenResource.ConsoleEndpointName, "Console:Listen", 8081, "Console")
            .WithHttpHealthCheck("/.harden/health/ready", endpointName: HardenResource.AppEndpointName);
        if (builder.ExecutionContext.IsPublishMode)
        {
            foreach (var (variable, value) in settings.Environment)
                gateway.WithEnvironment(variable, value);
            gateway.GetEndpoint(HardenResource.AppEndpointName).EndpointAnnotation.IsExternal = true;
        }
        else
        {
            if (settings.File is not null)
                gateway.WithArgs("--config", settings.File);
            foreach (var (key, value) in settings.Decided.Where(static setting => !setting.Key.StartsWith("DevEntra:", StringComparison.Ordinal)))
                gateway.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
        }
        return gateway;
    }

    /// <summary>
    /// One of Harden's own programs. Not through <c>AddProject</c>: its defaults have a deployed ASP.NET Core app trust forwarded headers from anybody, and
    /// set listeners of their own.
    /// </summary>
    /// <param name="builder">The resource.</param>
    /// <param name="project">The class that Aspire generates for a project the AppHost references.</param>
    public static IResourceBuilder<T> AsHardenProject<T>(this IResourceBuilder<T> builder, string project)
        where T : ProjectResource
    {
        var application = builder.ApplicationBuilder;
        var metadata = application.AppHostAssembly?.GetType($"Projects.{project}") is { } type ? (IProjectMetadata)Activator.CreateInstance(type)!
            : throw new DistributedApplicationException($"The AppHost doesn't reference {project.Replace('_', '.')}. Add a ProjectReference to {project.Replace('_', '.')}.csproj to the AppHost's project file.");
        builder.WithAnnotation(metadata).WithAnnotation(new ExcludeLaunchProfileAnnotation()).WithOtlpExporter();
        return application.ExecutionContext.IsPublishMode ? builder
            : builder.WithEnvironment("ASPNETCORE_ENVIRONMENT", application.Environment.EnvironmentName)
                .WithEnvironment("DOTNET_ENVIRONMENT", application.Environment.EnvironmentName)
                .WithEnvironment("ASPNETCORE_URLS", ""); // the AppHost's own is the dashboard's, and would be inherited
    }

    // Without Aspire's proxy in a run: the audit is to name the client's address, and a port that is taken is to be an error.
    private static IResourceBuilder<HardenResource> WithListener(this IResourceBuilder<HardenResource> gateway, string endpoint, string key, int port, string title)
    {
        var isPublishing = gateway.ApplicationBuilder.ExecutionContext.IsPublishMode;
        var configured = gateway.Resource.Settings.Listen(key);
        port = configured?.Port ?? port;
        if (isPublishing)
            gateway.WithHttpEndpoint(targetPort: port, name: endpoint);
        else if (configured?.Scheme == "https")
            gateway.WithHttpsEndpoint(port, port, endpoint, isProxied: false);
        else
            gateway.WithHttpEndpoint(port, port, endpoint, isProxied: false);
        if (isPublishing || configured is null)
        {
            var target = gateway.GetEndpoint(endpoint).Property(EndpointProperty.TargetPort);
            var address = isPublishing ? ReferenceExpression.Create($"http://*:{target}") : ReferenceExpression.Create($"http://localhost:{target}");
            gateway.WithEnvironment($"{key.Replace(":", "__", StringComparison.Ordinal)}__0", address);
        }
        return gateway.WithUrlForEndpoint(endpoint, url => url.DisplayText = title);
    }

    /// <summary>Notes what the gateway is in front of.</summary>
    public static IResourceBuilder<HardenResource> Protecting(this IResourceBuilder<HardenResource> gateway, IResource app)
    {
        if (gateway.Resource.App is { } other)
            throw new DistributedApplicationException($"\"{gateway.Resource.Name}\" is in front of \"{other.Name}\" already. Each app needs a gateway of its own: add another with AddHarden.");
        gateway.Resource.App = app;
        if (!gateway.Resource.Settings.IsSet("Prototype:Name"))
            gateway.WithEnvironment("Prototype__Name", app.Name);
        return gateway.WithReferenceRelationship(app);
    }
}
