using System.Text.Json;

namespace Harden.AppHost.Tests.Aspire;

/// <summary>The deployment that Aspire writes.</summary>
public sealed class PublishTests : IDisposable
{
    private readonly DirectoryInfo output = Directory.CreateTempSubdirectory("harden-test-publish-");

    public void Dispose() => output.Delete(recursive: true);

    [Fact]
    public async Task Manifest_HasGatewayPrototypeAndRedisAndNoDevEntra()
    {
        var resources = await PublishAsync("express-forms");

        Assert.Equal(["equipment-requests", "gateway", "gateway-entra-client-id", "gateway-entra-client-secret", "gateway-entra-tenant-id", "gateway-session-key-secret", "redis"],
            resources.EnumerateObject().Select(static resource => resource.Name).Where(static name => !name.StartsWith("redis-") && !name.StartsWith("cond-")).Order(StringComparer.Ordinal));
        var gateway = resources.GetProperty("gateway");
        var environment = gateway.GetProperty("env");
        Assert.Equal("{equipment-requests.bindings.http.url}", environment.GetProperty("Prototype__Address").GetString());
        Assert.Equal("{redis.connectionString}", environment.GetProperty("ConnectionStrings__redis").GetString());
        Assert.Equal("{gateway-entra-tenant-id.value}", environment.GetProperty("AzureAd__TenantId").GetString());
        Assert.Equal("it-decides", environment.GetProperty("Access__Rules__1__Name").GetString());
        Assert.False(environment.TryGetProperty("ASPNETCORE_FORWARDEDHEADERS_ENABLED", out _)); // forwarded headers are believed from named proxies only
        Assert.True(gateway.GetProperty("bindings").GetProperty("http").GetProperty("external").GetBoolean());
        Assert.False(gateway.GetProperty("bindings").GetProperty("console").TryGetProperty("external", out _));
    }

    [Fact]
    public async Task NodeApp_GetsADockerfile()
    {
        var resources = await PublishAsync("express-forms");

        var file = resources.GetProperty("equipment-requests").GetProperty("build").GetProperty("dockerfile").GetString()!;
        Assert.Contains("CMD [\"npm\",\"start\"]", await File.ReadAllTextAsync(Path.Combine(output.FullName, file)));
    }

    private async Task<JsonElement> PublishAsync(string example)
    {
        var file = Path.Combine(output.FullName, "manifest.json");
        var (code, said) = await HostUnderTest.OnceAsync("--example", example, "--operation", "publish", "--publisher", "manifest", "--output-path", file);
        Assert.True(code == 0, said);
        return JsonDocument.Parse(await File.ReadAllTextAsync(file)).RootElement.GetProperty("resources");
    }
}
