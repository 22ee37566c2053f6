using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Harden.Gateway.Tests.Console;

public sealed class HealthTests
{
    [Theory]
    [InlineData(HealthStatus.Healthy, "ready", HttpStatusCode.OK, "ready\n")]
    [InlineData(HealthStatus.Degraded, "ready", HttpStatusCode.OK, "ready\n")]
    [InlineData(HealthStatus.Unhealthy, "ready", HttpStatusCode.ServiceUnavailable, "not ready\n")]
    [InlineData(HealthStatus.Unhealthy, "other", HttpStatusCode.OK, "ready\n")]
    public async Task Ready_IsDecidedByTaggedChecksOnly_AndSaysNoMore(HealthStatus status, string tag, HttpStatusCode expected, string body)
    {
        await using var console = await StartAsync(() => new(status, "secret detail"), tag);

        using var answer = await console.App.GetAsync("/.harden/health/ready");

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Ready_RunsTheChecksOnceForManyWhoAsk()
    {
        var runs = 0;
        await using var console = await StartAsync(() =>
        {
            Interlocked.Increment(ref runs);
            return new(HealthStatus.Healthy);
        }, "ready");

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => console.App.GetAsync("/.harden/health/ready")));

        Assert.InRange(runs, 1, 10);
    }

    [Fact]
    public async Task Live_AnswersWhateverTheChecksSay()
    {
        await using var console = await StartAsync(static () => new(HealthStatus.Unhealthy), "ready");

        Assert.Equal("live\n", await console.App.GetStringAsync("/.harden/health/live"));
    }

    [Fact]
    public async Task Stopping_IsNotReady()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        console.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        using var answer = await console.App.GetAsync("/.harden/health/ready");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task Details_NameEveryCheck()
    {
        await using var console = await StartAsync(static () => new(HealthStatus.Unhealthy, "Nothing listens at \"3000\"."), "ready");

        using var answer = await console.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var check = Assert.Single(json.RootElement.GetProperty("checks").EnumerateArray());
        Assert.Equal("probe", check.GetProperty("name").GetString());
        Assert.Equal("Nothing listens at \"3000\".", check.GetProperty("description").GetString());
        Assert.True(check.GetProperty("ready").GetBoolean());
        Assert.Contains("Nothing listens at", (await console.BrowseAsync("/health")).Text, StringComparison.Ordinal);
    }

    private static Task<ConsoleUnderTest> StartAsync(Func<HealthCheckResult> check, string tag) =>
        ConsoleUnderTest.StartAsync(services => services.AddHealthChecks().AddCheck("probe", check, [tag]), []);
}
