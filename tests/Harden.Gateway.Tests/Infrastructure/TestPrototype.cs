using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Harden.Gateway.Tests.Infrastructure;

/// <summary>A prototype on real Kestrel that does what the test says and remembers what reached it.</summary>
internal sealed class TestPrototype : IAsyncDisposable
{
    private readonly WebApplication app;

    private TestPrototype(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    /// <summary>Starts one.</summary>
    /// <param name="handle">Answers a request.</param>
    /// <param name="protocols">What its listener speaks.</param>
    /// <param name="certificate">What it proves its identity with; null for no TLS.</param>
    public static async Task<TestPrototype> StartAsync(RequestDelegate handle, HttpProtocols protocols = HttpProtocols.Http1, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = protocols;
                if (certificate is not null)
                    listen.UseHttps(certificate);
            });
        });
        var app = builder.Build();
        app.Run(handle);
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
