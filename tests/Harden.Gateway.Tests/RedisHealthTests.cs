using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Harden.Gateway.Tests;

public sealed class RedisHealthTests
{
    [Fact]
    public async Task RedisThatHangs_IsOnTheHealthPage_UntilItAnswersAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = new RedisConnection(ConfigurationOptions.Parse(server.ConnectionString), "t:", NullLogger<RedisConnection>.Instance);
        await connection.FirstAttempt;
        var health = new RedisHealth(connection);

        await SaysAsync(health, HealthStatus.Healthy);
        server.Freeze();
        await SaysAsync(health, HealthStatus.Degraded);
        server.Thaw();
        await SaysAsync(health, HealthStatus.Healthy);
    }

    private static async Task SaysAsync(RedisHealth health, HealthStatus expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await health.CheckHealthAsync(new(), limit.Token)).Status != expected)
            await Task.Delay(50, limit.Token);
    }
}
