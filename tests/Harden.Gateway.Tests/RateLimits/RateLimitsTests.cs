using System.Net;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.RateLimits;

public sealed class RateLimitsTests
{
    private static readonly string[] TwoADay =
        ["RateLimits:Defaults=false", "RateLimits:Policies:0:Name=few", "RateLimits:Policies:0:By:0=Address", "RateLimits:Policies:0:Permits=2", "RateLimits:Policies:0:Window=1.00:00:00"];

    [Fact]
    public async Task UsedUpLimit_Is429WithTheFieldsClientsWaitBy()
    {
        var reached = 0;
        await using var prototype = await TestPrototype.StartAsync(context =>
        {
            reached++;
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, TwoADay);

        using var first = await gateway.Client.GetAsync("/");
        using var second = await gateway.Client.GetAsync("/");
        using var third = await gateway.Client.GetAsync("/");

        Assert.Equal("\"few\";q=2;w=86400", first.Headers.GetValues("RateLimit-Policy").Single());
        Assert.StartsWith("\"few\";r=1;t=", first.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.InRange(third.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromHours(11), TimeSpan.FromHours(12));
        Assert.Equal("application/problem+json", third.Content.Headers.ContentType?.MediaType);
        Assert.Equal(2, reached);
    }

    [Fact]
    public async Task ReportOnly_RefusesNothing()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, [.. TwoADay, "RateLimits:Policies:0:ReportOnly=true"]);

        for (var i = 0; i < 4; i++)
        {
            using var answer = await gateway.Client.GetAsync("/");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task AddressLimit_RefusesBeforeIdentityAndAccess()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, [.. TwoADay, "Access:Default=Nobody"]);

        List<HttpStatusCode> seen = [];
        for (var i = 0; i < 3; i++)
        {
            using var answer = await gateway.Client.GetAsync("/");
            seen.Add(answer.StatusCode);
        }
        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.TooManyRequests], seen);
    }

    [Fact]
    public async Task Concurrency_NeverExceedsItsPermits_AndTheQueueWaits()
    {
        var running = 0;
        var most = 0;
        using var full = new SemaphoreSlim(0);
        using var open = new SemaphoreSlim(0);
        await using var prototype = await TestPrototype.StartAsync(async context =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            full.Release();
            await open.WaitAsync(context.RequestAborted);
            Interlocked.Decrement(ref running);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address,
            "RateLimits:Defaults=false", "RateLimits:Policies:0:Name=five", "RateLimits:Policies:0:Kind=Concurrency", "RateLimits:Policies:0:By:0=App",
            "RateLimits:Policies:0:Permits=2", "RateLimits:Policies:0:Queue=2");

        var requests = Enumerable.Range(0, 5).Select(_ => gateway.Client.GetAsync("/")).ToArray();
        await full.WaitAsync();
        await full.WaitAsync();
        using var refused = await await Task.WhenAny(requests);
        open.Release(4);
        var answers = await Task.WhenAll(requests);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(4, answers.Count(static a => a.StatusCode == HttpStatusCode.OK));
        Assert.Equal(2, most);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
            Interlocked.CompareExchange(ref target, value, seen);
    }
}
