using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Harden.Gateway.Tests.Infrastructure;

/// <summary>A whole gateway on real Kestrel and free ports, in front of a real Kestrel prototype.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DirectoryInfo state;

    private GatewayUnderTest(WebApplication app, DirectoryInfo state)
    {
        this.app = app;
        this.state = state;
        var urls = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        Address = new Uri(urls[0]);
        Console = new Uri(urls[^1]);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = Address };
    }

    /// <summary>Address of the app listener.</summary>
    public Uri Address { get; }

    /// <summary>Address of the management listener.</summary>
    public Uri Console { get; }

    /// <summary>A client that follows nothing and remembers nothing.</summary>
    public HttpClient Client { get; }

    /// <summary>The gateway's state directory, deleted with it.</summary>
    public string State => state.FullName;

    public IServiceProvider Services => app.Services;

    /// <summary>Starts a gateway.</summary>
    /// <param name="prototype">Where the prototype listens.</param>
    /// <param name="settings">Configuration, as <c>Key:Sub=value</c>. Unless it speaks of access or names a file, everyone is let through.</param>
    public static Task<GatewayUnderTest> StartAsync(Uri prototype, params string[] settings) => StartAsync(prototype, null, settings);

    public static async Task<GatewayUnderTest> StartAsync(Uri prototype, Action<WebApplicationBuilder>? configure, params string[] settings)
    {
        var state = Directory.CreateTempSubdirectory("harden-test-");
        List<string> all = [$"StateDirectory={state.FullName}", "Edge:Listen:0=http://127.0.0.1:0", "Console:Listen:0=http://127.0.0.1:0", $"Prototype:Address={prototype}", "Logging:LogLevel:Default=Warning", .. settings];
        if (!settings.Any(static s => s.StartsWith("Access:", StringComparison.Ordinal) || s.StartsWith("config=", StringComparison.Ordinal)))
            all.Add("Access:Default=Anonymous");
        if (!settings.Any(static s => s.StartsWith("AzureAd:", StringComparison.Ordinal)))
            all.AddRange(["AzureAd:Instance=http://localhost:1/", "AzureAd:TenantId=de000000-0000-4000-8000-000000000001", "AzureAd:ClientId=de000000-0000-4000-8000-0000000000c1"]);
        var builder = ConfigurationStage.CreateBuilder([.. all.Select(static s => "--" + s), "--environment", Environments.Development]);
        configure?.Invoke(builder);
        var app = Program.Build(builder);
        await app.StartAsync();
        return new(app, state);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        state.Delete(recursive: true);
    }
}
