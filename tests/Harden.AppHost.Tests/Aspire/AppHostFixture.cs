using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Harden.AppHost.Tests.Aspire;

/// <summary>The AppHost of this repository, in front of a prototype that answers with the headers it got, run by Aspire's testing host.</summary>
public sealed class AppHostFixture : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private const string Server = """
        require('http').createServer((request, response) => response.end(JSON.stringify(request.headers))).listen(process.env.PORT, 'localhost');
        """;

    private readonly PrototypeFolder prototype = new("""{ "Name": "echo", "Command": ["node", "server.js"] }""", Server, """{ "Default": "SignedIn" }""");

    internal DistributedApplication Application { get; private set; } = null!;

    internal Uri App { get; private set; } = null!;

    internal string Folder => prototype.Path;

    public async Task InitializeAsync()
    {
        foreach (var (name, value) in EngineArguments.Environment)
            Environment.SetEnvironmentVariable(name, value);
        string[] ports = [.. ((string[])["--port", "--console-port", "--entra-port", "--dashboard-port"]).SelectMany(static flag => (string[])[flag, FreePorts.One().ToString(CultureInfo.InvariantCulture)])];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync(typeof(Engine), [prototype.Path, .. ports]);
        Application = await builder.BuildAsync().WaitAsync(Patience);
        await Application.StartAsync().WaitAsync(Patience);
        await Application.ResourceNotifications.WaitForResourceHealthyAsync("gateway", WaitBehavior.StopOnResourceUnavailable).WaitAsync(Patience);
        App = Application.GetEndpoint("gateway", "http");
    }

    public async Task DisposeAsync()
    {
        await Application.StopAsync();
        await Application.DisposeAsync();
        prototype.Dispose();
    }
}
