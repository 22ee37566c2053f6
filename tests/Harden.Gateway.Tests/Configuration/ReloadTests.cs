using System.Net;
using Harden.Gateway.Configuration;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Configuration;

public sealed class ReloadTests
{
    [Fact]
    public async Task GoodReload_TakesEffect_AndABadOneChangesNothing()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """{ "Access": { "Default": "Anonymous" } }""");
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"config={file}");
        var root = (IConfigurationRoot)gateway.Services.GetRequiredService<IConfiguration>();
        async Task<HttpStatusCode> AfterAsync(string json)
        {
            await File.WriteAllTextAsync(file, json);
            root.Reload();
            using var answer = await gateway.Client.GetAsync("/");
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Forbidden, await AfterAsync("""{ "Access": { "Default": "Nobody" } }"""));
        Assert.Equal(HttpStatusCode.Forbidden, await AfterAsync("""{ "Access": { "Default": "Anonymous" }, "RateLimits": { "Policies": [ { "Name": "not a name!" } ] } }"""));
        Assert.Equal(HttpStatusCode.Forbidden, await AfterAsync("""{ "Access": { "Default": "Anonymous" """));
        Assert.Equal(HttpStatusCode.OK, await AfterAsync("""{ "Access": { "Default": "Anonymous" }, "RateLimits": { "Policies": [ { "Name": "a-name", "Permits": 10 } ] } }"""));

        File.Delete(file);
        root.Reload();
        using var without = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, without.StatusCode);
    }
}
