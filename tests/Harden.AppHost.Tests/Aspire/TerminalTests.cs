using System.Net;
using System.Net.Sockets;

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
    public async Task UnknownArguments_AreNamedBeforeAnythingStarts()
    {
        var (code, output) = await HostUnderTest.FailAsync([prototype.Path, "--prot", "9000"]);

        Assert.Equal(1, code);
        Assert.Equal("\"--prot\" is not known here. --help lists what is.\n\"9000\" is not known here. --help lists what is.", output);
    }

    [Fact]
    public async Task PortOfTheDashboardInUse_SaysHowToChooseAnother()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, output) = await HostUnderTest.OnceAsync(prototype.Path, "--port", "0", "--console-port", "0", "--entra-port", "0", "--dashboard-port", $"{port}");

        Assert.Equal(1, code);
        Assert.Equal($"Port {port} is in use, and Aspire's dashboard needs it. Stop what uses it, or choose another port: --dashboard-port PORT.", output);
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
