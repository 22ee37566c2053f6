using Aspire.Hosting.ApplicationModel;
using Harden.Hosting;
using Harden.Hosting.Decisions;

namespace Aspire.Hosting;

/// <summary>Puts the Harden gateway in front of an app of the AppHost.</summary>
public static class HardenBuilderExtensions
{
    /// <summary>
    /// Adds the gateway with what it needs: a Redis, and DevEntra for sign-in if no Microsoft Entra application is configured. The project file of the
    /// AppHost references <c>Harden.Gateway</c> and <c>Harden.DevEntra</c>.
    /// </summary>
    /// <param name="builder">The AppHost.</param>
    /// <param name="name">The name of the resource.</param>
    /// <param name="configuration">
    /// Path of a <c>harden.json</c> or of its folder, relative to the AppHost's. Default: the <c>harden.json</c> beside the AppHost's project file, if there is one.
    /// </param>
    /// <returns>The gateway, which still has to be told what it is in front of.</returns>
    /// <remarks>
    /// <para>
    /// Redis is, in this order: the <c>ConnectionStrings:redis</c> of the AppHost or of the gateway; a container, if Docker or Podman answers;
    /// the <c>redis-server</c> on PATH; none, and the gateway keeps sign-ins and counters in memory. Without a container runtime that answers, the model
    /// therefore has no container. A deployment always has a Redis.
    /// </para>
    /// <para>DevEntra is added for a run in the Development environment only. A deployment asks for a tenant and a client as parameters instead.</para>
    /// </remarks>
    /// <example>
    /// <code>
    /// var app = builder.AddExecutable("tracker", "npm", "../tracker", "start").WithHttpEndpoint(env: "PORT");
    /// builder.AddHarden("gateway").InFrontOf(app);
    /// </code>
    /// </example>
    /// <exception cref="DistributedApplicationException">The configuration is not there or can't be read, or the AppHost doesn't reference the gateway.</exception>
    public static IResourceBuilder<HardenResource> AddHarden(this IDistributedApplicationBuilder builder, [ResourceName] string name, string? configuration = null) =>
        builder.AddHardenDecided(name, configuration, new Dictionary<string, string>());

    /// <summary>Adds the gateway as the public method does, with settings that the AppHost decides, stronger than harden.json and environment.</summary>
    internal static IResourceBuilder<HardenResource> AddHardenDecided(
        this IDistributedApplicationBuilder builder, string name, string? configuration, IReadOnlyDictionary<string, string> decided)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var path = Path.GetFullPath(configuration ?? "harden.json", builder.AppHostDirectory);
        var settings = Problem.Tell(() => GatewaySettings.Read(path, mustExist: configuration is not null, decided));
        return builder.AddGateway(name, settings).WithSignIn().WithSessionStore().WithContainersOnlyIfTheyRun();
    }

    /// <summary>Puts the gateway in front of an app: a project, an executable, a Node or Python app, a container.</summary>
    /// <typeparam name="T">The kind of the app.</typeparam>
    /// <param name="builder">The gateway.</param>
    /// <param name="app">The app. The gateway waits until it is healthy.</param>
    /// <param name="endpointName">Which of the app's endpoints the gateway forwards to. Default <c>http</c>.</param>
    /// <returns>The gateway.</returns>
    /// <exception cref="DistributedApplicationException">The gateway is in front of something already.</exception>
    public static IResourceBuilder<HardenResource> InFrontOf<T>(this IResourceBuilder<HardenResource> builder, IResourceBuilder<T> app, string endpointName = "http")
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(app);
        ArgumentException.ThrowIfNullOrEmpty(endpointName);
        return builder.Protecting(app.Resource).WaitFor((IResourceBuilder<IResource>)app).WithEnvironment(context =>
        {
            var endpoint = app.Resource.GetEndpoint(endpointName);
            context.EnvironmentVariables["Prototype__Address"] = endpoint.Exists ? endpoint
                : throw new DistributedApplicationException($"\"{app.Resource.Name}\" has no endpoint \"{endpointName}\", so the gateway can't forward to it. Add one with WithHttpEndpoint, or name another in InFrontOf.");
        });
    }

    /// <summary>Puts the gateway in front of an app that runs elsewhere.</summary>
    /// <param name="builder">The gateway.</param>
    /// <param name="app">The app, added with <c>AddExternalService</c>.</param>
    /// <returns>The gateway.</returns>
    /// <exception cref="DistributedApplicationException">The gateway is in front of something already.</exception>
    public static IResourceBuilder<HardenResource> InFrontOf(this IResourceBuilder<HardenResource> builder, IResourceBuilder<ExternalServiceResource> app)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(app);
        return builder.Protecting(app.Resource).WithEnvironment("Prototype__Address", app);
    }

    /// <summary>
    /// Puts the gateway in front of the app that section <c>Prototype</c> of its configuration describes: <c>Command</c> is run exactly as
    /// <c>harden run</c> would run it, or the app already runs at <c>Address</c>. A deployment builds a container of it, from its <c>Dockerfile</c> if it has one.
    /// </summary>
    /// <param name="builder">The gateway.</param>
    /// <returns>The gateway.</returns>
    /// <exception cref="DistributedApplicationException">The section describes nothing that can be run, or the gateway is in front of something already.</exception>
    public static IResourceBuilder<HardenResource> InFrontOfPrototype(this IResourceBuilder<HardenResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Problem.Tell(() => DescribedPrototype.PutBehind(builder));
    }
}
