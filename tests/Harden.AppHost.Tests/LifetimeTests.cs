namespace Harden.AppHost.Tests;

public sealed class LifetimeTests : IDisposable
{
    private readonly PrototypeFolder prototype = new();

    public void Dispose() => prototype.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task SignalToTheHost_StopsEveryChild(string signal)
    {
        await using var host = await HostUnderTest.UpAsync([prototype.Path]);
        Assert.NotEmpty(host.Find("node server.js"));

        Assert.Equal(0, await host.SignalAsync(signal));

        await host.NobodyIsLeftAsync();
    }

    [Fact]
    public async Task HostKilled_LeavesNobody()
    {
        await using var host = await HostUnderTest.UpAsync([prototype.Path]);

        await host.SignalAsync("KILL");

        await host.NobodyIsLeftAsync();
    }
}
