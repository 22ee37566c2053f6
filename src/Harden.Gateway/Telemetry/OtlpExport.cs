using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Harden.Gateway.Telemetry;

/// <summary>
/// Exports by OTLP what OpenTelemetry's variables ask for. Nothing is built, and nothing listens, without them. Started before the server
/// and stopped after it, so that the last requests are flushed too.
/// </summary>
internal sealed partial class OtlpExport(IConfiguration configuration, ILogger<OtlpExport> log) : IHostedService, IDisposable
{
    private TracerProvider? traces;
    private MeterProvider? metrics;

    /// <summary>Adds the export of what the variables ask for.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        if (Array.TrueForAll(OtlpSettings.Signals, signal => OtlpSettings.Endpoint(builder.Configuration, signal) is null))
            return;
        builder.Services.AddHostedService<OtlpExport>();
        if (OtlpSettings.Endpoint(builder.Configuration, "LOGS") is null)
            return;
        builder.Logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(Resource());
            options.AddOtlpExporter(otlp => OtlpSettings.Apply(builder.Configuration, "LOGS", otlp));
        });
        builder.Services.AddSingleton(_ => new LogRecordExport(builder.Configuration, options =>
        {
            options.SetResourceBuilder(Resource());
            options.AddOtlpExporter((otlp, processor) =>
            {
                OtlpSettings.Apply(builder.Configuration, "LOGS", otlp);
                processor.BatchExportProcessorOptions.MaxQueueSize = 2 * LogRecordExport.Batch;
                processor.BatchExportProcessorOptions.MaxExportBatchSize = LogRecordExport.Batch;
            });
        }));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (OtlpSettings.Endpoint(configuration, "TRACES") is not null)
        {
            traces = Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .SetResourceBuilder(Resource())
                .AddSource(RequestSpan.SourceName)
                .AddOtlpExporter(otlp => OtlpSettings.Apply(configuration, "TRACES", otlp))
                .Build();
        }
        if (OtlpSettings.Endpoint(configuration, "METRICS") is not null)
        {
            metrics = Sdk.CreateMeterProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .SetResourceBuilder(Resource())
                .AddMeter(RequestSpan.SourceName, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
                .AddOtlpExporter(otlp => OtlpSettings.Apply(configuration, "METRICS", otlp))
                .Build();
        }
        foreach (var signal in OtlpSettings.Signals)
        {
            if (OtlpSettings.Endpoint(configuration, signal) is { } endpoint)
                Log.Exports(log, signal.ToLowerInvariant(), new Uri(endpoint).Authority);
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Flushes, for at most five seconds a signal, and ends.</summary>
    public void Dispose()
    {
        traces?.Dispose();
        metrics?.Dispose();
        traces = null;
        metrics = null;
    }

    // The variables (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) come last and win.
    private static ResourceBuilder Resource() => ResourceBuilder.CreateEmpty()
        .AddService("harden-gateway", serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3))
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private static partial class Log
    {
        [LoggerMessage(6002, LogLevel.Information, "Exports {Signal} by OTLP to {Endpoint}.")]
        public static partial void Exports(ILogger log, string signal, string endpoint);
    }
}
