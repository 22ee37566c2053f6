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
        return launch.Command switch
        {
            ["node", var script, .. var rest] when !script.StartsWith('-') => builder.AddNodeApp(name, directory, script).WithArgs(rest).Listening(launch),
            ["python" or "python3", var script, .. var rest] when !script.StartsWith('-') => builder.AddPythonApp(name, directory, script).WithArgs(rest).Listening(launch),
            ["python" or "python3", "-m", var module, .. var rest] => builder.AddPythonModule(name, directory, module).WithArgs(rest).Listening(launch),
#pragma warning disable ASPIREJAVASCRIPT001, ASPIRECSHARPAPPS001 // Experimental: without them Aspire has no image for a package script or a single-file app.
            ["npm", "start"] => builder.AddJavaScriptApp(name, directory, "start").WithNpm().PublishAsPackageScript("start").Listening(launch),
            ["npm", "run", var script] => builder.AddJavaScriptApp(name, directory, script).WithNpm().PublishAsPackageScript(script).Listening(launch),
            ["dotnet", "run", var file] when !file.StartsWith('-') => builder.AddCSharpApp(name, Path.Combine(directory, file)).Listening(launch),
            ["dotnet", "run"] => builder.AddCSharpApp(name, directory).Listening(launch),
#pragma warning restore ASPIREJAVASCRIPT001, ASPIRECSHARPAPPS001
            _ => throw new InvalidOperationException($"There is no Dockerfile in {directory}, and no image can be built for the command \"{string.Join(' ', launch.Command)}\" without one. Add a Dockerfile whose app listens on the port in PORT."),
        };
    }

    private static IResourceBuilder<T> Listening<T>(this IResourceBuilder<T> app, PrototypeLaunch launch)
        where T : IResourceWithEndpoints, IResourceWithEnvironment
    {
        foreach (var (name, value) in launch.Environment)
            app.WithEnvironment(name, value);
        return app.WithEnvironment("ASPNETCORE_URLS", $"http://*:{launch.Port.ToString(CultureInfo.InvariantCulture)}").WithHttpEndpoint(targetPort: launch.Port, name: "http");
    }
}
