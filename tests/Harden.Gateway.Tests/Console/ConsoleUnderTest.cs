using System.Net;
using Harden.Audit;
using Harden.Gateway.Configuration;
using Harden.Gateway.Console;
using Harden.Gateway.Edge;
using Harden.Gateway.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Console;

/// <summary>Both listeners on real Kestrel over a record that the test wrote, with the caller's roles said by a header of the test.</summary>
internal sealed class ConsoleUnderTest : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DirectoryInfo state;

    private ConsoleUnderTest(WebApplication app, DirectoryInfo state)
    {
        this.app = app;
        this.state = state;
        var urls = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        App = ClientOf(urls[0]);
        Client = ClientOf(urls[^1]);
    }

    /// <summary>The state directory.</summary>
    public string State => state.FullName;

    /// <summary>Talks to the app's listener.</summary>
    public HttpClient App { get; }

    /// <summary>Talks to the management listener.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => app.Services;

    public static Task<ConsoleUnderTest> StartAsync(params string[] settings) => StartAsync(static _ => { }, [], settings);

    public static async Task<ConsoleUnderTest> StartAsync(Action<IServiceCollection> services, IEnumerable<string> lines, params string[] settings)
    {
        var state = Directory.CreateTempSubdirectory("harden-console-");
        await File.WriteAllTextAsync(Path.Combine(state.FullName, "000001-000001.jsonl"), string.Concat(lines.Select(static line => line + "\n")));
        string[] all = [$"StateDirectory={state.FullName}", "Edge:Listen:0=http://127.0.0.1:0", "Console:Listen:0=http://127.0.0.1:0", "Logging:LogLevel:Default=Error", .. settings];
        var builder = ConfigurationStage.CreateBuilder([.. all.Select(static s => "--" + s)]);
        builder.AddEdge().AddTelemetry().AddConsole();
        builder.AddSection<PrototypeOptions>("Prototype");
        builder.Services.AddSingleton(new Lazy<IAuditRecords>(new ScannedRecords(new(state.FullName))));
        builder.Services.AddSingleton(new Harden.Audit.Bodies.FleetBodies(state.FullName, new(state.FullName, null), null));
        services(builder.Services);
        builder.LoadConfiguration();
        var app = builder.Build();
        app.UseEdge();
        app.UseTelemetry();
        app.Use(static (context, next) =>
        {
            if (context.Request.Headers["Test-Roles"] is [{ } roles])
                RequestScope.Of(context).Subject = new() { Tenant = "t", ObjectId = "o", Name = "Ada <b>", Scheme = "session", Roles = roles.Split(',') };
            return next(context);
        });
        app.MapReserved(static harden => harden.MapHealth());
        app.MapConsole();
        app.Run(static context => context.Response.WriteAsync("the app"));
        await app.StartAsync();
        return new(app, state);
    }

    /// <summary>Asks the console as a browser of somebody with these roles does; null for nobody.</summary>
    public async Task<(HttpStatusCode Status, string Text, HttpResponseMessage Answer)> BrowseAsync(string path, string? roles = "Harden.Reviewer")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("Accept", "text/html");
        if (roles is not null)
            request.Headers.Add("Test-Roles", roles);
        var answer = await Client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        App.Dispose();
        await app.DisposeAsync();
        state.Delete(recursive: true);
    }

    private static HttpClient ClientOf(string address) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = new(address) };
}
