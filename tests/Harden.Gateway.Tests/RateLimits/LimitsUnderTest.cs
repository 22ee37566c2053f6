using Harden.Gateway.Configuration;
using Harden.Gateway.Edge;
using Harden.Gateway.RateLimits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.RateLimits;

/// <summary>Both places of the limits on real Kestrel, with the caller said by a header of the test: <c>tenant/object id</c>, or <c>apikey/name</c>.</summary>
internal sealed class LimitsUnderTest : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly bool ownState;

    private LimitsUnderTest(WebApplication app, string state, bool ownState)
    {
        this.app = app;
        this.ownState = ownState;
        State = state;
        Client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public string State { get; }

    public IServiceProvider Services => app.Services;

    /// <summary>What the last request's scope said when it was over.</summary>
    public RequestScope? Last { get; private set; }

    public static Task<LimitsUnderTest> StartAsync(params string[] settings) => StartAsync(static _ => { }, null, settings);

    /// <summary>Starts one.</summary>
    /// <param name="services">Replaces services.</param>
    /// <param name="state">State directory to go on with; null for a new one.</param>
    /// <param name="settings">Configuration, as <c>Key:Sub=value</c>, without the built-in policies.</param>
    public static async Task<LimitsUnderTest> StartAsync(Action<IServiceCollection> services, string? state, params string[] settings)
    {
        var directory = state ?? Directory.CreateTempSubdirectory("harden-limits-").FullName;
        string[] all = [$"StateDirectory={directory}", "Edge:Listen:0=http://127.0.0.1:0", "Logging:LogLevel:Default=Error", "RateLimits:Defaults=false", .. settings];
        var builder = ConfigurationStage.CreateBuilder([.. all.Select(static s => "--" + s)]);
        builder.AddEdge().AddRateLimits();
        services(builder.Services);
        builder.LoadConfiguration();
        var app = builder.Build();
        LimitsUnderTest? test = null;
        app.WatchConfiguration();
        app.UseEdge();
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            finally
            {
                test!.Last = RequestScope.Of(context);
            }
        });
        app.UseAddressLimits();
        app.Use(static (context, next) =>
        {
            if (context.Request.Headers["Test-Subject"] is [{ } who] && who.Split('/') is [var tenant, var id])
                RequestScope.Of(context).Subject = new() { Tenant = tenant, ObjectId = id, Scheme = tenant == "apikey" ? "apikey" : "session" };
            return next(context);
        });
        app.UseSubjectLimits();
        app.Run(static context => context.Response.WriteAsync("the app"));
        await app.StartAsync();
        return test = new(app, directory, state is null);
    }

    /// <summary>The settings of one policy.</summary>
    public static string[] Policy(int index, params string[] settings) => [.. settings.Select(s => $"RateLimits:Policies:{index}:{s}")];

    /// <summary>Asks and says whether it was let through.</summary>
    public async Task<bool> PassesAsync(string path, string? who = null, string? header = null, HttpMethod? method = null)
    {
        using var answer = await SendAsync(path, who, header, method);
        return (int)answer.StatusCode switch { 200 => true, 429 => false, var status => throw new InvalidOperationException($"status {status}") };
    }

    public Task<HttpResponseMessage> SendAsync(string path, string? who = null, string? header = null, HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        if (who is not null)
            request.Headers.Add("Test-Subject", who);
        if (header is not null)
            request.Headers.Add("X-Customer", header);
        return Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        if (ownState)
            Directory.Delete(State, recursive: true);
    }
}
