using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Harden.AppHost.Tests.Aspire;

/// <summary>What <c>AddHarden</c> and <c>InFrontOf</c> make of the model, without starting it.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly PrototypeFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task InFrontOf_ForwardsToTheEndpointAndWaitsForTheApp()
    {
        var builder = Builder();
        var app = builder.AddExecutable("shop", "node", ".", "server.js").WithHttpEndpoint(4711, 4711, isProxied: false);

        var gateway = builder.AddHarden("gateway", folder.Path).InFrontOf(app);

        var environment = await EnvironmentAsync(gateway.Resource);
        Assert.Same(app.Resource, Assert.IsType<EndpointReference>(environment["Prototype__Address"]).Resource);
        Assert.Equal("shop", environment["Prototype__Name"]);
        Assert.Contains(gateway.Resource.Annotations.OfType<WaitAnnotation>(), wait => wait.Resource == app.Resource && wait.WaitType == WaitType.WaitUntilHealthy);
        Assert.Contains(gateway.Resource.Annotations.OfType<WaitAnnotation>(), static wait => wait.Resource.Name == "deventra");
        Assert.Equal([8080, 8081], gateway.Resource.Annotations.OfType<EndpointAnnotation>().Select(static endpoint => endpoint.TargetPort!.Value));
        Assert.All(gateway.Resource.Annotations.OfType<EndpointAnnotation>(), static endpoint => Assert.False(endpoint.IsProxied)); // the audit is to name the client, not Aspire's proxy
    }

    [Fact]
    public async Task ExternalService_IsForwardedTo()
    {
        var builder = Builder();

        var gateway = builder.AddHarden("gateway", folder.Path).InFrontOf(builder.AddExternalService("shop", new Uri("http://shop.internal:3000")));

        Assert.True((await EnvironmentAsync(gateway.Resource)).ContainsKey("Prototype__Address"));
        Assert.Contains(gateway.Resource.Annotations.OfType<ResourceRelationshipAnnotation>(), static relation => relation.Resource.Name == "shop");
    }

    [Fact]
    public void SecondApp_NeedsAGatewayOfItsOwn()
    {
        var builder = Builder();
        var (one, two) = (builder.AddExecutable("one", "node", ".").WithHttpEndpoint(4711), builder.AddExecutable("two", "node", ".").WithHttpEndpoint(4712));
        var gateway = builder.AddHarden("gateway", folder.Path).InFrontOf(one);

        var problem = Assert.Throws<DistributedApplicationException>(() => gateway.InFrontOf(two));

        Assert.Equal("\"gateway\" is in front of \"one\" already. Each app needs a gateway of its own: add another with AddHarden.", problem.Message);
    }

    [Fact]
    public async Task AppWithoutEndpoint_IsToldSo()
    {
        var builder = Builder();
        var gateway = builder.AddHarden("gateway", folder.Path).InFrontOf(builder.AddExecutable("shop", "node", "."));

        var problem = await Assert.ThrowsAsync<DistributedApplicationException>(() => EnvironmentAsync(gateway.Resource));

        Assert.Contains("\"shop\" has no endpoint \"http\"", problem.Message);
    }

    [Fact]
    public void HardenJsonThatIsNotThere_IsNamed() =>
        Assert.Contains("There is no /nowhere", Assert.Throws<DistributedApplicationException>(static () => Builder().AddHarden("gateway", "/nowhere")).Message);

    [Fact]
    public void TwoGateways_ShareRedisAndDevEntra()
    {
        var builder = Builder();

        builder.AddHarden("first", folder.Path);
        builder.AddHarden("second", folder.Path);

        Assert.Single(builder.Resources, static resource => resource.Name == "redis");
        Assert.Single(builder.Resources, static resource => resource.Name == "deventra");
    }

    // Harden's own projects are found in the AppHost's assembly, where Aspire generates a class for each project it references.
    private static IDistributedApplicationBuilder Builder()
    {
        foreach (var (name, value) in EngineArguments.Environment)
            Environment.SetEnvironmentVariable(name, value);
        return DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--environment=Development"],
            AssemblyName = typeof(Engine).Assembly.GetName().Name,
            DisableDashboard = true,
        });
    }

    private static async Task<Dictionary<string, object>> EnvironmentAsync(HardenResource gateway)
    {
        var environment = new Dictionary<string, object>();
        var context = new EnvironmentCallbackContext(new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), gateway, environment);
        foreach (var callback in gateway.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            if (!callback.Callback.Method.DeclaringType!.FullName!.Contains("Otlp", StringComparison.Ordinal))
                await callback.Callback(context);
        }
        return environment;
    }
}
