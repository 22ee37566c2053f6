using Harden.Audit;
using Harden.Audit.Postgres;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Harden.Gateway.Audit;

/// <summary>
/// Ships the log to PostgreSQL while the gateway runs. No request waits for it: while the database is away the log on disk grows, nothing else changes.
/// </summary>
internal sealed partial class Shipping(NpgsqlDataSource source, StateDirectory state, AuditTrail trail, AuditMetrics metrics, TimeProvider time, ILogger<Shipping> log)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private volatile string? trouble = "Nothing has been shipped yet.";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(trouble is { } what ? HealthCheckResult.Degraded(what) : HealthCheckResult.Healthy("The log is shipped to PostgreSQL."));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var observer = new PostgresShipperObserver { Shipped = metrics.Shipped, Missed = file => Log.Missed(log, file.Name) };
        await using var shipper = new PostgresShipper(source, state.Of("audit"), () => trail.Durable, observer);
        for (var pause = Pause; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                var more = await shipper.ShipAsync(stoppingToken);
                if (trouble is not null)
                    Log.Works(log);
                (trouble, pause) = (null, Pause);
                if (more)
                    continue;
            }
            catch (Exception e) when (!(e is OperationCanceledException && stoppingToken.IsCancellationRequested)) // whatever it is, it must not end the gateway
            {
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                Failed(e);
            }
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Failed(Exception e)
    {
        metrics.Failed("shipping");
        var what = $"The log can't be shipped to PostgreSQL: {e.Message}";
        if (trouble != what)
            Log.Fails(log, e.Message);
        trouble = what;
    }

    private static partial class Log
    {
        [LoggerMessage(5010, LogLevel.Warning, "The audit log can't be shipped to PostgreSQL: {Reason} It stays on this machine's disk and is shipped later.")]
        public static partial void Fails(ILogger log, string reason);

        [LoggerMessage(5011, LogLevel.Information, "The audit log is shipped to PostgreSQL.")]
        public static partial void Works(ILogger log);

        [LoggerMessage(5012, LogLevel.Error, "\"{File}\" was deleted before it had been shipped to PostgreSQL whole: its entries are missing there.")]
        public static partial void Missed(ILogger log, string file);
    }
}
