using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Gateway.Tests.Proxy;

/// <summary>A prototype over TLS is believed if an authority or the configuration vouches for it, and gets no byte of a request otherwise.</summary>
public sealed class UntrustedPrototypeTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1, null)]
    [InlineData(HttpProtocols.Http1AndHttp2, null)]
    [InlineData(HttpProtocols.Http1AndHttp2, "/healthz")]
    public async Task CertificateNobodyVouchesFor_Is502_AndNotHealthy(HttpProtocols protocols, string? healthPath)
    {
        using var certificate = SelfSigned();
        var requests = 0;
        await using var prototype = await TestPrototype.StartAsync(CountAsync, protocols, certificate);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, healthPath is null ? "Prototype:Name=x" : $"Prototype:HealthPath={healthPath}");

        using var answer = await gateway.Client.PostAsync("/", new StringContent("secret"));
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains("could not prove its identity", text, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
        Assert.Contains("Prototype:Certificate", await HealthAsync(gateway, HealthStatus.Unhealthy), StringComparison.Ordinal);
        using var ready = await gateway.Client.GetAsync("/.harden/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(0, requests);

        Task CountAsync(HttpContext context)
        {
            Interlocked.Increment(ref requests);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task CertificateThatIsPinned_IsBelieved_AndHealthy()
    {
        using var certificate = SelfSigned();
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"), HttpProtocols.Http1AndHttp2, certificate);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"Prototype:Certificate={certificate.GetCertHashString(HashAlgorithmName.SHA256)}");

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/"));
        await HealthAsync(gateway, HealthStatus.Healthy);
    }

    // The prototype is looked at in the background, so the state asked for may be about to come.
    private static async Task<string> HealthAsync(GatewayUnderTest gateway, HealthStatus wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var health = gateway.Services.GetRequiredService<HealthCheckService>();
        while (true)
        {
            var entry = (await health.CheckHealthAsync(static check => check.Name == "prototype", limit.Token)).Entries["prototype"];
            if (entry.Status == wanted && entry.Description?.Contains("not been looked at", StringComparison.Ordinal) == false)
                return entry.Description;
            await Task.Delay(20, limit.Token);
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
