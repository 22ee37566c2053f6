using Harden.Cli.Run;

namespace Harden.Cli.Tests.Run;

public sealed class GatewayPlanTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-test-");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData("{}", "redis-server", "00:00:00.500")]
    [InlineData("{}", null, null)]
    [InlineData("""{ "RateLimits": { "StoreTimeout": "00:00:00.010" } }""", "redis-server", null)]
    public void RedisOfThisRun_MayTakeLongerUnlessTheFileSaysHowLong(string file, string? program, string? expected)
    {
        File.WriteAllText(Path.Combine(directory.FullName, "harden.json"), file);
        var (request, settings) = (new RunRequest(), Settings.Read(directory.FullName));

        var plan = GatewayPlan.Make(request, settings, IdentityPlan.Make(request, settings), new("127.0.0.1:6379", "", "", 6379, program));

        Assert.Equal(expected, plan.Start.Environment.GetValueOrDefault("RateLimits__StoreTimeout"));
    }
}
