using System.Collections.Concurrent;
using System.Net;
using Harden.Gateway.Identity.Sessions.Store;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Harden.Gateway.Tests.Identity;

/// <summary>Two gateways on one Redis, in front of one prototype whose <c>/events</c> never ends, beside one DevEntra.</summary>
internal sealed class Replicas : IAsyncDisposable
{
    private Replicas(WebApplication entra, TestPrototype prototype, RedisServer redis)
    {
        Entra = entra;
        Prototype = prototype;
        Redis = redis;
    }

    public WebApplication Entra { get; }

    public TestPrototype Prototype { get; }

    public RedisServer Redis { get; }

    public GatewayUnderTest One { get; private set; } = null!;

    public GatewayUnderTest Other { get; private set; } = null!;

    /// <summary>The clock of both.</summary>
    public ManualTime Time { get; } = new();

    /// <summary>What both logged at Warning and above about sessions.</summary>
    public ConcurrentQueue<string> Warnings { get; } = new();

    public static async Task<Replicas> StartAsync(params string[] settings) => await StartOnAsync(await RedisServer.StartAsync(), settings);

    /// <summary>The same on a Redis that is there already, such as a node of a cluster.</summary>
    public static async Task<Replicas> StartOnAsync(RedisServer redis, params string[] settings)
    {
        var entra = await EntraUnderTest.StartEntraAsync();
        var prototype = await TestPrototype.StartAsync(AnswerAsync);
        var replicas = new Replicas(entra, prototype, redis);
        replicas.One = await replicas.StartGatewayAsync(settings);
        replicas.Other = await replicas.StartGatewayAsync(settings);
        return replicas;
    }

    /// <summary>Starts a gateway and waits until it has spoken with Redis: connecting takes its time on a busy machine.</summary>
    public async Task<GatewayUnderTest> StartGatewayAsync(params string[] settings)
    {
        var gateway = await StartAnotherAsync(settings);
        var shared = gateway.Services.GetRequiredService<SharedState>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                await shared.AskAsync(static database => database.PingAsync());
                return gateway;
            }
            catch (SessionStoreException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private Task<GatewayUnderTest> StartAnotherAsync(string[] settings) => GatewayUnderTest.StartAsync(Prototype.Address, builder =>
    {
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Logging.AddProvider(new Listener(Warnings));
    }, [
        $"AzureAd:Instance={Entra.Urls.First()}/", $"AzureAd:ClientId={EntraUnderTest.ClientId}", "AzureAd:ClientSecret=of the tests", $"AzureAd:TenantId={EntraUnderTest.Tenant}",
        "Access:Default=SignedIn", $"ConnectionStrings:redis={Redis.ConnectionString}", "RateLimits:Defaults=false", "Session:CheckInterval=00:00:01",
        "Session:StoreTimeout=00:00:05", // a busy machine is no Redis that hangs
        .. settings,
    ]);

    /// <summary>A browser that has just signed in at the first one.</summary>
    public async Task<TestBrowser> SignInAsync(string persona = "member")
    {
        var browser = new TestBrowser(One.Address);
        using var answer = await browser.SignInAsync(persona);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return browser;
    }

    public static string HandleOf(TestBrowser browser) => browser.Cookies["__Host-harden"].Value;

    public static async Task<HttpStatusCode> StatusAsync(GatewayUnderTest gateway, string handle)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Cookie", $"__Host-harden={handle}");
        using var answer = await gateway.Client.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>Waits until a request is answered so. One that is under way when its session ends is cut off.</summary>
    public static async Task UntilAsync(GatewayUnderTest gateway, string handle, HttpStatusCode expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var got = ""; got != expected.ToString(); await Task.Delay(20))
        {
            Assert.False(limit.IsCancellationRequested, $"{got}, never {expected}.");
            try
            {
                got = (await StatusAsync(gateway, handle)).ToString();
            }
            catch (HttpRequestException e)
            {
                got = e.Message;
            }
        }
    }

    /// <summary>Signs in at one replica, uses the session at the other, signs out there: it is over at both.</summary>
    public async Task SignInAndOutAsync()
    {
        using var browser = await SignInAsync();
        var handle = HandleOf(browser);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Other, handle));

        using (await browser.SubmitAsync(new(Other.Address, "/.harden/signout")))
        {
        }

        await UntilAsync(One, handle, HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(Other, handle));
    }

    /// <summary>Opens a stream and waits for its first event.</summary>
    public static async Task<Stream> OpenStreamAsync(GatewayUnderTest gateway, string handle)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events");
        request.Headers.Add("Cookie", $"__Host-harden={handle}");
        var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var stream = await answer.Content.ReadAsStreamAsync();
        Assert.True(await stream.ReadAsync(new byte[64]) > 0);
        return stream;
    }

    public static Task EndedAsync(Stream stream) => Assert.ThrowsAnyAsync<IOException>(async () =>
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
            await stream.ReadExactlyAsync(new byte[1], limit.Token);
    });

    public async ValueTask DisposeAsync()
    {
        Redis.Thaw();
        await One.DisposeAsync();
        await Other.DisposeAsync();
        await Prototype.DisposeAsync();
        await Entra.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/events"))
        {
            await context.Response.WriteAsync($"the app: {context.Request.Headers["X-Harden-Roles"]}");
            return;
        }
        context.Response.ContentType = "text/event-stream";
        do
        {
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(context.Request.Query.ContainsKey("lively") ? TimeSpan.FromMilliseconds(100) : Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!context.RequestAborted.IsCancellationRequested);
    }

    private sealed class Listener(ConcurrentQueue<string> warnings) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && eventId.Id is >= 2000 and < 3000)
                warnings.Enqueue(formatter(state, exception));
        }
    }
}
