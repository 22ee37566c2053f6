using Harden.Gateway.Configuration;
using Harden.Gateway.Proxy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>The proxy stage without the stages before it, so that a test can say who asks.</summary>
internal sealed class ProxyAlone : IAsyncDisposable
{
    private readonly WebApplication app;

    private ProxyAlone(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    /// <summary>The scope of the latest request.</summary>
    public RequestScope? Scope { get; private set; }

    public static async Task<ProxyAlone> StartAsync(Uri prototype, Subject? subject)
    {
        var builder = ConfigurationStage.CreateBuilder([$"--Prototype:Address={prototype}", "--Logging:LogLevel:Default=Warning"]);
        builder.AddPrototype();
        builder.LoadConfiguration();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        var proxy = new ProxyAlone(app);
        app.Use((HttpContext context, RequestDelegate next) =>
        {
            proxy.Scope = new()
            {
                RequestId = "1",
                RawTarget = context.Features.Get<IHttpRequestFeature>()!.RawTarget,
                Subject = subject,
                Client = context.Connection.RemoteIpAddress!,
            };
            context.Features.Set(proxy.Scope);
            return next(context);
        });
        app.MapPrototype();
        await app.StartAsync();
        return proxy;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
