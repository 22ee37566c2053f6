using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Harden.Gateway.Tests.Audit;

/// <summary>A gateway as a process of its own, because only a process can be killed.</summary>
internal sealed partial class GatewayProcess : IDisposable
{
    private readonly Process process;

    private GatewayProcess(Process process, Uri address)
    {
        this.process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>The most memory it has had resident so far, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Starts one and waits until it listens.</summary>
    public static async Task<GatewayProcess> StartAsync(params string[] arguments)
    {
        var process = Launch(["--Edge:Listen:0=http://127.0.0.1:0", "--Console:Listen:0=http://127.0.0.1:0", "--Logging:LogLevel:Default=Information", .. arguments]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (ListeningOn().Match(line) is { Success: true } match)
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
                return new(process, new Uri(match.Groups[1].Value));
            }
        }
        throw new InvalidOperationException("The gateway did not start: " + await process.StandardError.ReadToEndAsync(limit.Token));
    }

    /// <summary>Starts one that is expected to end by itself.</summary>
    public static async Task<(int Code, string Output, string Error)> RunToEndAsync(params string[] arguments)
    {
        using var process = Launch(arguments);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>SIGKILL: no handler, no last words.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM: it ends in order.</summary>
    public async Task StopAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var kill = Process.Start("kill", [$"{process.Id}"]);
        await process.WaitForExitAsync(limit.Token);
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }

    private static Process Launch(IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Harden.Gateway.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["AzureAd__Instance"] = "http://localhost:8082/",
                ["AzureAd__TenantId"] = "de000000-0000-4000-8000-000000000001",
                ["AzureAd__ClientId"] = "de000000-0000-4000-8000-0000000000c1",
                ["AzureAd__ClientSecret"] = "development",
            },
        })!;

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex ListeningOn();
}
