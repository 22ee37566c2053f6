using System.Text.Json;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Identity;

/// <summary>DevEntra, a prototype that says who reached it, and a gateway between them, each on real Kestrel.</summary>
internal sealed class EntraUnderTest : IAsyncDisposable
{
    public const string Tenant = "de000000-0000-4000-8000-000000000001";
    public const string OtherTenant = "de000000-0000-4000-8000-000000000002";
    public const string ClientId = "de000000-0000-4000-8000-0000000000c1";

    private readonly WebApplication entra;

    private EntraUnderTest(WebApplication entra, TestPrototype prototype, GatewayUnderTest gateway)
    {
        this.entra = entra;
        Prototype = prototype;
        Gateway = gateway;
    }

    public GatewayUnderTest Gateway { get; }

    public TestPrototype Prototype { get; }

    public WebApplication Entra => entra;

    public Uri EntraAddress => new(entra.Urls.First());

    public static Task<EntraUnderTest> StartAsync(params string[] settings) => StartAsync(static context => context.Response.WriteAsync("the app"), null, settings);

    public static async Task<EntraUnderTest> StartAsync(RequestDelegate handle, Action<WebApplicationBuilder>? configure, params string[] settings)
    {
        var entra = await StartEntraAsync();
        var prototype = await TestPrototype.StartAsync(handle);
        string[] all = [$"AzureAd:Instance={entra.Urls.First()}/", $"AzureAd:ClientId={ClientId}", "AzureAd:ClientSecret=of the tests", .. settings];
        if (!settings.Any(static s => s.StartsWith("AzureAd:TenantId", StringComparison.Ordinal)))
            all = [.. all, $"AzureAd:TenantId={Tenant}"];
        if (!settings.Any(static s => s.StartsWith("Access:", StringComparison.Ordinal)))
            all = [.. all, "Access:Default=SignedIn"];
        return new(entra, prototype, await GatewayUnderTest.StartAsync(prototype.Address, configure, all));
    }

    public static async Task<WebApplication> StartEntraAsync(params string[] settings)
    {
        var entra = DevEntra.Program.Build(["--environment=Development", "--DevEntra:Listen=http://127.0.0.1:0", "--DevEntra:ClientSecret=of the tests", .. settings.Select(static s => "--" + s)]);
        await entra.StartAsync();
        // What a gateway gives ten seconds must not be the first that is asked of it: keys are made and much is compiled for that.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var metadata = JsonDocument.Parse(await http.GetStringAsync($"{entra.Urls.First()}/{Tenant}/v2.0/.well-known/openid-configuration"));
        await http.GetStringAsync(metadata.RootElement.GetProperty("jwks_uri").GetString());
        return entra;
    }

    public TestBrowser Browser() => new(Gateway.Address);

    /// <summary>A browser in which the persona has just signed in.</summary>
    public async Task<TestBrowser> SignInAsync(string persona)
    {
        var browser = Browser();
        using var answer = await browser.SignInAsync(persona);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Prototype.DisposeAsync();
        await entra.DisposeAsync();
    }
}
