using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Harden.Gateway;

/// <summary>
/// Sends log records about finished exchanges, apart from the gateway's own log: other fields, no log levels, a queue of their own. Registered
/// only if OpenTelemetry's variables name a place for logs.
/// </summary>
internal sealed class LogRecordExport : IDisposable
{
    /// <summary>Records to send at most before <see cref="Flush"/>.</summary>
    public const int Batch = 512;

    private readonly ServiceProvider services;
    private readonly ILogger logger;

    /// <param name="configuration">Where the exporter reads OpenTelemetry's variables.</param>
    /// <param name="configure">Says what is sent where.</param>
    public LogRecordExport(IConfiguration configuration, Action<OpenTelemetryLoggerOptions> configure)
    {
        services = new ServiceCollection()
            .AddSingleton(configuration)
            .AddLogging(logging => logging.AddOpenTelemetry(options =>
            {
                options.AddProcessor(new Origin());
                options.IncludeFormattedMessage = true;
                configure(options);
            }))
            .BuildServiceProvider();
        logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Harden.Audit");
    }

    /// <summary>Hands a record over.</summary>
    public void Send(FinishedExchange exchange) => logger.Log(LogLevel.Information, default, exchange, null, static (e, _) => e.Body);

    /// <summary>Waits until what was handed over is sent, or could not be.</summary>
    public void Flush() => services.GetRequiredService<LoggerProvider>().ForceFlush(10_000);

    public void Dispose() => services.Dispose();

    /// <summary>Gives a record the time and ids of the exchange, not those of the thread that sends it.</summary>
    private sealed class Origin : BaseProcessor<LogRecord>
    {
        public override void OnEnd(LogRecord data)
        {
            if (data.Attributes is not FinishedExchange exchange)
                return;
            data.Timestamp = exchange.Time;
            if (exchange.TraceId.Length == 32 && exchange.SpanId.Length == 16)
                (data.TraceId, data.SpanId) = (ActivityTraceId.CreateFromString(exchange.TraceId), ActivitySpanId.CreateFromString(exchange.SpanId));
        }
    }
}

/// <summary>What a log record says of an exchange: a line for people and named values.</summary>
internal sealed class FinishedExchange(string body, DateTime time, string traceId, string spanId) : List<KeyValuePair<string, object?>>
{
    public string Body => body;

    /// <summary>When it ended, in UTC.</summary>
    public DateTime Time => time;

    public string TraceId => traceId;

    public string SpanId => spanId;
}
