using Harden.Gateway.Configuration;
using Harden.Gateway.Proxy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>The proxy stage without the stages before it, so that a test can say who asks.</summary>
internal sealed class ProxyAlone : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DirectoryInfo? state;

    private ProxyAlone(WebApplication app, DirectoryInfo? state) => (this.app, this.state) = (app, state);

    public Uri Address => new(app.Urls.First());

    /// <summary>The scope of the latest request.</summary>
    public RequestScope? Scope { get; private set; }

    public static Task<ProxyAlone> StartAsync(Uri prototype, Subject? subject, params string[] settings) => StartWithAsync(prototype, subject, null, null, settings);

    /// <param name="prototype">Where to forward to.</param>
    /// <param name="subject">Who asks; null for nobody.</param>
    /// <param name="directory">A state directory to use; null for one of its own.</param>
    /// <param name="time">The clock; null for the real one.</param>
    /// <param name="settings">Settings, as <c>Key=Value</c>.</param>
    public static async Task<ProxyAlone> StartWithAsync(Uri prototype, Subject? subject, string? directory, TimeProvider? time, params string[] settings)
    {
        var state = directory is null ? Directory.CreateTempSubdirectory("harden-test-") : null;
        var builder = ConfigurationStage.CreateBuilder(
            [$"--Prototype:Address={prototype}", "--Logging:LogLevel:Default=Warning", $"--StateDirectory={directory ?? state!.FullName}", .. settings.Select(static setting => "--" + setting)]);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddPrototype();
        builder.LoadConfiguration();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        var proxy = new ProxyAlone(app, state);
        app.Use((HttpContext context, RequestDelegate next) =>
        {
            proxy.Scope = new()
            {
                RequestId = "1",
                Path = context.Request.Path.Value!,
                RawTarget = context.Features.Get<IHttpRequestFeature>()!.RawTarget,
                Subject = subject,
                Client = context.Connection.RemoteIpAddress!,
            };
            context.Features.Set(proxy.Scope);
            return next(context);
        });
        app.MapReserved(static harden => harden.MapJwks());
        app.MapPrototype();
        await app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        state?.Delete(recursive: true);
    }
}
