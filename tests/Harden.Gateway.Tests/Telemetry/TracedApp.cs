using Harden.Gateway.Configuration;
using Harden.Gateway.Edge;
using Harden.Gateway.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Telemetry;

/// <summary>Edge and telemetry on real Kestrel, with a last stage that does what the test says.</summary>
internal sealed class TracedApp : IAsyncDisposable
{
    private readonly WebApplication app;

    private TracedApp(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient { BaseAddress = new(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public static async Task<TracedApp> StartAsync(RequestDelegate last, params string[] settings)
    {
        var builder = ConfigurationStage.CreateBuilder(["--Edge:Listen:0=http://127.0.0.1:0", .. settings.Select(static s => "--" + s)]);
        builder.AddEdge().AddTelemetry();
        builder.LoadConfiguration();
        var app = builder.Build();
        app.UseEdge();
        app.UseTelemetry();
        app.Run(last);
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        return app.DisposeAsync();
    }
}
