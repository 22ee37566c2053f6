using System.Net;

namespace Harden.AppHost.Tests.BuiltIn;

public sealed class RestartTests : IDisposable
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    private readonly PrototypeFolder prototype = new();

    public void Dispose() => prototype.Dispose();

    [Fact]
    public async Task PrototypeCrashed_IsStartedAgain()
    {
        await using var host = await HostUnderTest.UpAsync([prototype.Path]);
        var before = await Http.GetStringAsync(host.App);

        using (var crash = await Http.GetAsync(new Uri(host.App, "/crash")))
            Assert.Equal(HttpStatusCode.BadGateway, crash.StatusCode);

        await host.UntilAsync(() => host.Output.Contains("app ended with exit code 7 and is started again in 0.5 s"), "the restart");
        string? after = null;
        while ((after = await TryGetAsync(host)) is null)
            await Task.Delay(50);
        Assert.StartsWith("hello from", after);
        Assert.NotEqual(before, after);
    }

    [Theory]
    [InlineData("Harden.Gateway.dll", "gateway")]
    [InlineData("redis-server", "redis")]
    public async Task OwnProgramKilled_IsStartedAgain(string commandLine, string name)
    {
        await using var host = await HostUnderTest.UpAsync([prototype.Path]);
        var before = host.Find(commandLine);

        foreach (var pid in before)
            HostUnderTest.Signal(pid, "KILL");

        await host.UntilAsync(() => host.Output.Contains($"{name} ended with exit code 137 and is started again in 0.5 s"), "the restart");
        await host.UntilAsync(() => host.Find(commandLine).Except(before).Any(), "the new process");
        while (await TryGetAsync(host) is null)
            await Task.Delay(50);
    }

    private static async Task<string?> TryGetAsync(HostUnderTest host)
    {
        try
        {
            return await Http.GetStringAsync(host.App);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
