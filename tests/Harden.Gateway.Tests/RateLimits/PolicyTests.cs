using System.Net;
using Harden.Gateway.RateLimits;

namespace Harden.Gateway.Tests.RateLimits;

/// <summary>Whom a policy concerns, what it costs them, and what several policies do together.</summary>
public sealed class PolicyTests
{
    [Fact]
    public async Task Combination_CountsEachPairByItself()
    {
        await using var limits = await LimitsUnderTest.StartAsync(LimitsUnderTest.Policy(0,
            "Name=pairs", "By:0=Subject", "By:1=Route", "Permits=1", "Window=1.00:00:00", "Paths:0=/a/**", "Paths:1=/b/**"));

        Assert.True(await limits.PassesAsync("/a/1", "t/ada"));
        Assert.False(await limits.PassesAsync("/a/2", "t/ada")); // the pattern is the route: another address is no other budget
        Assert.True(await limits.PassesAsync("/b/1", "t/ada"));
        Assert.True(await limits.PassesAsync("/a/1", "t/max"));
        Assert.True(await limits.PassesAsync("/a/1")); // the anonymous by address
        Assert.False(await limits.PassesAsync("/a/1"));
        Assert.True(await limits.PassesAsync("/c", "t/ada"));
    }

    [Theory]
    [InlineData("Tenant", "one/ada", "one/max", false)]
    [InlineData("Tenant", "one/ada", "two/max", true)]
    [InlineData("Subject", "one/ada", "one/max", true)]
    [InlineData("Subject", "one/ada", "two/ada", true)]
    [InlineData("App", "one/ada", "two/max", false)]
    [InlineData("Address", "one/ada", "two/max", false)]
    [InlineData("ApiKey", "apikey/ci", "apikey/ci", false)]
    [InlineData("ApiKey", "apikey/ci", "apikey/cd", true)]
    [InlineData("ApiKey", "one/ada", "one/ada", true)]
    public async Task Owners_ShareACounterOrDont(string by, string first, string second, bool passes)
    {
        await using var limits = await LimitsUnderTest.StartAsync(LimitsUnderTest.Policy(0, "Name=one", $"By:0={by}", "Permits=1", "Window=1.00:00:00"));

        Assert.True(await limits.PassesAsync("/", first));
        Assert.Equal(passes, await limits.PassesAsync("/", second));
    }

    [Fact]
    public async Task Header_CountsByItsValue_WhichIsKeptAsAHashIfItCouldBeASecret()
    {
        await using var limits = await LimitsUnderTest.StartAsync(LimitsUnderTest.Policy(0, "Name=customers", "By:0=Header", "Header=X-Customer", "Permits=1", "Window=1.00:00:00"));
        const string Secret = "sk_live_0123456789abcdefghij";

        Assert.True(await limits.PassesAsync("/", header: "acme"));
        Assert.False(await limits.PassesAsync("/", header: "acme"));
        Assert.True(await limits.PassesAsync("/", header: Secret));
        Assert.False(await limits.PassesAsync("/", header: Secret));
        Assert.True(await limits.PassesAsync("/"));
        Assert.False(await limits.PassesAsync("/"));

        var names = Names(limits);
        Assert.Contains("header=acme", names);
        Assert.DoesNotContain(names, static n => n.Contains("sk_live", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Weights_FirstRouteThatFitsDecides()
    {
        await using var limits = await LimitsUnderTest.StartAsync(LimitsUnderTest.Policy(0, "Name=budget", "By:0=App", "Permits=50", "Window=1.00:00:00",
            "Routes:0:Paths:0=/chat/**", "Routes:0:Methods:0=POST", "Routes:0:Weight=20", "Routes:1:Paths:0=/chat/**", "Routes:1:Weight=4"));

        Assert.Equal("\"budget\";r=30;", await RemainingAsync("/chat/completions", HttpMethod.Post));
        Assert.Equal("\"budget\";r=26;", await RemainingAsync("/chat/completions", HttpMethod.Get));
        Assert.Equal("\"budget\";r=25;", await RemainingAsync("/", HttpMethod.Post));
        Assert.Equal("\"budget\";r=5;t", (await RemainingAsync("/chat/completions", HttpMethod.Post)) + "t");
        Assert.False(await limits.PassesAsync("/chat/completions", method: HttpMethod.Post));
        Assert.True(await limits.PassesAsync("/chat/completions"));

        async Task<string> RemainingAsync(string path, HttpMethod method)
        {
            using var answer = await limits.SendAsync(path, method: method);
            return answer.Headers.GetValues("RateLimit").Single().Split("t=")[0];
        }
    }

    [Theory]
    [InlineData("Rate")]
    [InlineData("Window")]
    [InlineData("Quota")]
    public async Task SeveralPolicies_AllAreAsked_TheLongestWaitAnswers_AndWhoIsRefusedUsesNobodysBudget(string kind)
    {
        await using var limits = await LimitsUnderTest.StartAsync(
        [
            .. LimitsUnderTest.Policy(0, "Name=all", "By:0=App", "Permits=10", $"Kind={kind}"),
            .. LimitsUnderTest.Policy(1, "Name=short", "By:0=Subject", "Permits=2", "Window=00:00:10"),
            .. LimitsUnderTest.Policy(2, "Name=long", "By:0=Subject", "Permits=2", "Window=1.00:00:00"),
            .. LimitsUnderTest.Policy(3, "Name=two-at-once", "By:0=App", "Kind=Concurrency", "Permits=2"),
        ]);

        Assert.True(await limits.PassesAsync("/", "t/ada"));
        Assert.True(await limits.PassesAsync("/", "t/ada"));
        for (var i = 0; i < 50; i++)
        {
            using var refused = await limits.SendAsync("/", "t/ada");
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("long", limits.Last!.Decision.Limit);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromHours(11), TimeSpan.FromHours(12));
            Assert.Equal(["\"all\"", "\"short\"", "\"long\""], refused.Headers.GetValues("RateLimit").Select(static v => v.Split(';')[0]));
        }
        for (var i = 0; i < 8; i++)
            Assert.True(await limits.PassesAsync("/", $"t/{i}"));
        Assert.False(await limits.PassesAsync("/", "t/max"));
    }

    [Fact]
    public async Task FieldsOnEveryLimitedAnswer_ButNoneOfALimitOnTrial()
    {
        await using var limits = await LimitsUnderTest.StartAsync(
        [
            .. LimitsUnderTest.Policy(0, "Name=bucket", "By:0=Address", "Permits=100", "Burst=20", "Window=00:00:10"),
            .. LimitsUnderTest.Policy(1, "Name=window", "Kind=Window", "Permits=5"),
            .. LimitsUnderTest.Policy(2, "Name=quota", "Kind=Quota", "Permits=7"),
            .. LimitsUnderTest.Policy(3, "Name=places", "Kind=Concurrency", "Permits=3"),
            .. LimitsUnderTest.Policy(4, "Name=trial", "Permits=1", "Window=1.00:00:00", "ReportOnly=true"),
        ]);
        await limits.PassesAsync("/", "t/ada");

        using var answer = await limits.SendAsync("/", "t/ada");

        Assert.Equal(["\"bucket\";q=20;w=10", "\"window\";q=5;w=60", "\"quota\";q=7;w=86400", "\"places\";q=3;qu=\"concurrent-requests\""], answer.Headers.GetValues("RateLimit-Policy"));
        Assert.Equal(["\"bucket\";r=18", "\"window\";r=3", "\"quota\";r=5", "\"places\";r=2"], answer.Headers.GetValues("RateLimit").Select(static v => v.Split(";t=")[0]));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("trial", limits.Last!.WouldLimit);
    }

    [Fact]
    public async Task SignIn_IsLimitedByAddressUnlessSwitchedOff()
    {
        await using var limits = await LimitsUnderTest.StartAsync("RateLimits:Defaults=true");
        var passed = 0;
        for (var i = 0; i < 140; i++)
            passed += await limits.PassesAsync("/.harden/signin/callback") ? 1 : 0;

        Assert.InRange(passed, 120, 125); // a burst of 120, and what came back meanwhile
        Assert.Equal("default-signin", limits.Last!.Decision.Limit);
        Assert.True(await limits.PassesAsync("/"));
    }

    private static string[] Names(LimitsUnderTest limits) =>
        [.. ((RateLimitPolicies)limits.Services.GetService(typeof(RateLimitPolicies))!).All.SelectMany(static p => p.Limiter.Partitions()).Select(static p => p.Name.ToString())];
}
