using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Harden.Cli.Tests.Limits;

/// <summary><c>harden limits</c> as it is typed, beside a running gateway.</summary>
public sealed class LimitsCommandTests : IDisposable
{
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("harden-test-");

    public void Dispose() => state.Delete(recursive: true);

    [Fact]
    public async Task RunningGateway_ShowsWhoUsesItsLimits_AndLetsOneOffThem()
    {
        var port = FreePorts.One();
        using var gateway = Start([
            "Harden.Gateway.dll", $"--Edge:Listen:0=http://127.0.0.1:{port}", "--Console:Listen:0=http://127.0.0.1:0", "--Prototype:Address=http://127.0.0.1:9", $"--StateDirectory={state.FullName}",
            "--environment", "Development", "--Access:Default=Anonymous", "--RateLimits:Defaults=false", "--AzureAd:Instance=http://localhost:1/", "--AzureAd:TenantId=de000000-0000-4000-8000-000000000001", "--AzureAd:ClientId=de000000-0000-4000-8000-0000000000c1",
            "--RateLimits:Policies:0:Name=one", "--RateLimits:Policies:0:By:0=Address", "--RateLimits:Policies:0:Permits=1", "--RateLimits:Policies:0:Window=1.00:00:00"]);
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new($"http://127.0.0.1:{port}") };
            await StartedAsync(gateway);
            using (await client.GetAsync("/"))
            using (var refused = await client.GetAsync("/"))
                Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);

            var (code, output, error) = await HardenAsync("limits");
            Assert.Equal((0, ""), (code, error));
            Assert.Contains("one: 1 in 24 h, bursts of 1, by Address\n  1 counter, 1 let through, 1 refused", output, StringComparison.Ordinal);
            Assert.Contains("1 in use         1 let through         1 refused  127.0.0.1", output, StringComparison.Ordinal);

            Assert.Equal((0, "one counts anew for 127.0.0.1.\n", ""), await HardenAsync("limits", "reset", "one", "127.0.0.1"));
            using (var again = await client.GetAsync("/"))
                Assert.NotEqual(HttpStatusCode.TooManyRequests, again.StatusCode);

            Assert.Equal((1, "", "The limit \"one\" counts nothing for \"10.0.0.1\".\n"), await HardenAsync("limits", "reset", "one", "10.0.0.1"));
            Assert.Equal((1, "", "There is no limit \"two\". There are one.\n"), await HardenAsync("limits", "two"));
            Assert.StartsWith("{\"store\":\"memory\",\"policies\":[{\"name\":\"one\"", (await HardenAsync("limits", "--json")).Output, StringComparison.Ordinal);
        }
        finally
        {
            gateway.Kill();
            await gateway.WaitForExitAsync();
        }
    }

    private async Task StartedAsync(Process gateway)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!File.Exists(Path.Combine(state.FullName, "run", "management.json")))
        {
            Assert.False(gateway.HasExited, "the gateway has stopped");
            await Task.Delay(50, limit.Token);
        }
    }

    private async Task<(int Code, string Output, string Error)> HardenAsync(params string[] words)
    {
        using var process = Start(["harden.dll", .. words, "--state", state.FullName]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, error);
    }

    private static Process Start(string[] words)
    {
        words[0] = Path.Combine(AppContext.BaseDirectory, words[0]);
        return Process.Start(new ProcessStartInfo("dotnet", words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }
}
