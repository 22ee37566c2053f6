using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Gateway.Console.Health;

/// <summary>
/// Runs the health checks. However many ask at once, the checks run once a second at most, so that asking costs nothing and can't be used
/// to load what is checked; a check that hangs is given five seconds.
/// </summary>
internal sealed partial class HealthProbe(HealthCheckService checks, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HealthProbe> log)
{
    /// <summary>The tag of checks that decide whether the gateway may be sent requests.</summary>
    public const string ReadyTag = "ready";

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, HealthStatus> seen = new();
    private Task<HealthReport>? report;
    private long started;

    /// <summary>The state of every check, at most a second old.</summary>
    public Task<HealthReport> ReportAsync()
    {
        lock (gate)
        {
            if (report is not null && (!report.IsCompleted || (report.IsCompletedSuccessfully && time.GetElapsedTime(started) < Fresh)))
                return report;
            started = time.GetTimestamp();
            return report = RunAsync();
        }
    }

    /// <summary>
    /// True if every check tagged <see cref="ReadyTag"/> passes and the gateway isn't stopping. A degraded check passes: the gateway then
    /// still serves, and taking it out of rotation would turn a small fault into a large one.
    /// </summary>
    public async Task<bool> IsReadyAsync() =>
        !lifetime.ApplicationStopping.IsCancellationRequested
        && (await ReportAsync()).Entries.Values.All(static entry => !entry.Tags.Contains(ReadyTag) || entry.Status != HealthStatus.Unhealthy);

    private async Task<HealthReport> RunAsync()
    {
        await Task.Yield(); // a check that blocks must not do so inside the lock
        using var timeout = new CancellationTokenSource(Patience, time);
        HealthReport result;
        try
        {
            result = await checks.CheckHealthAsync(timeout.Token).WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            result = new(new Dictionary<string, HealthReportEntry>
            {
                ["checks"] = new(HealthStatus.Unhealthy, "A health check did not answer within five seconds.", Patience, null, null, [ReadyTag]),
            }, Patience);
        }
        foreach (var (name, entry) in result.Entries)
        {
            var before = seen.GetValueOrDefault(name, HealthStatus.Healthy);
            seen[name] = entry.Status;
            if (entry.Status == before)
                continue;
            if (entry.Status == HealthStatus.Healthy)
                Log.Recovered(log, name);
            else
                Log.Failing(log, name, entry.Status, entry.Description ?? entry.Exception?.Message ?? "no description");
        }
        return result;
    }

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Warning, "Health check '{Name}' is {Status}: {Description}")]
        public static partial void Failing(ILogger log, string name, HealthStatus status, string description);

        [LoggerMessage(8002, LogLevel.Information, "Health check '{Name}' is healthy again.")]
        public static partial void Recovered(ILogger log, string name);
    }
}
