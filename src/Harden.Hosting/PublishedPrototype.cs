using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Harden.Hosting.Decisions;

namespace Harden.Hosting;

/// <summary>
/// The described app in a deployment: its own <c>Dockerfile</c> if it has one, else the image that Aspire builds for its language. A run never
/// comes here, so that it executes exactly the described command, as <c>harden run</c> does, and leaves nothing in the app's folder.
/// </summary>
internal static class PublishedPrototype
{
    /// <summary>Adds the app.</summary>
    /// <exception cref="InvalidOperationException">There is no Dockerfile and no image can be built without one.</exception>
    public static IResourceBuilder<IResourceWithEndpoints> Add(IDistributedApplicationBuilder builder, PrototypeLaunch launch)
    {
        var (name, directory) = (launch.ResourceName, launch.Directory);
        if (File.Exists(Path.Combine(directory, "Dockerfile")))
            return builder.AddDockerfile(name, directory).Listening(launch);
        if (Containerfile.For(launch.Command, directory) is { } text)
            return builder.AddDockerfileFactory(name, directory, _ => text).Listening(launch);
#pragma warning disable ASPIRECSHARPAPPS001 // Experimental: Aspire has nothing else for a single file of C#.
        if (launch.Command is ["dotnet", "run"])
            return builder.AddCSharpApp(name, directory).Listening(launch);
        if (launch.Command is ["dotnet", "run", var file] && !file.StartsWith('-'))
            return builder.AddCSharpApp(name, Path.Combine(directory, file)).Listening(launch);
#pragma warning restore ASPIRECSHARPAPPS001
        throw new InvalidOperationException($"There is no Dockerfile in {directory}, and no image can be built for the command \"{string.Join(' ', launch.Command)}\" without one. Add a Dockerfile whose app listens on the port in PORT.");
    }

    private static IResourceBuilder<T> Listening<T>(this IResourceBuilder<T> app, PrototypeLaunch launch)
        where T : IResourceWithEndpoints, IResourceWithEnvironment
    {
        foreach (var (name, value) in launch.Environment)
            app.WithEnvironment(name, value);
        return app.WithEnvironment("ASPNETCORE_URLS", $"http://*:{launch.Port.ToString(CultureInfo.InvariantCulture)}").WithHttpEndpoint(targetPort: launch.Port, name: "http");
    }
}
