using System.Net;

namespace Harden.AppHost.Tests.Aspire;

/// <summary>What a person at the terminal sees of an AppHost whose output is in the dashboard.</summary>
public sealed class TerminalTests : IDisposable
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    private readonly PrototypeFolder prototype = new();

    public void Dispose() => prototype.Dispose();

    [Fact]
    public async Task Banner_NamesADashboardThatAnswersAndIsNearlyAllThereIs()
    {
        await using var host = await HostUnderTest.UpAsync([prototype.Path]);

        var dashboard = host.Output.Split('\n').Single(static line => line.StartsWith("  Dashboard ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        using var answer = await Http.GetAsync(new Uri(dashboard));
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode); // the token was taken
        Assert.DoesNotContain("login", answer.Headers.Location!.ToString());
        Assert.InRange(host.Output.Split('\n').Length, 10, 20);
    }

    [Fact]
    public async Task PrototypeCrashed_SaysWhatToDo()
    {
        await using var host = await HostUnderTest.UpAsync([prototype.Path]);

        using (await Http.GetAsync(new Uri(host.App, "/crash")))
        {
        }

        await host.UntilAsync(() => host.Output.Contains("prototype ended with exit code 7. It can be started again in the dashboard, http://localhost:"), "the news");
    }
}
