using System.Diagnostics.Metrics;
using Harden.Audit;

namespace Harden.Gateway.Audit;

/// <summary>Counts entries, flushes, failures and what was lost.</summary>
internal sealed class AuditMetrics
{
    private readonly Counter<long> entries;
    private readonly Counter<long> failures;
    private readonly Counter<long> lost;
    private readonly Counter<long> silent;
    private readonly Counter<long> counted;
    private readonly Counter<long> shipped;
    private readonly Counter<long> dropped;
    private readonly Histogram<int> batch;
    private readonly Histogram<double> duration;
    private long pending;

    public AuditMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Harden.Gateway");
        entries = meter.CreateCounter<long>("harden.audit.entries", "{entry}", "Entries drafted, by stage.");
        failures = meter.CreateCounter<long>("harden.audit.failures", "{failure}", "Times the audit log could not be written, by reason.");
        lost = meter.CreateCounter<long>("harden.audit.lost", "{entry}", "Entries that could not be kept; each is also told in the log itself.");
        silent = meter.CreateCounter<long>("harden.audit.silent", "{request}", "Requests that a rule of level None left no record of, by rule.");
        counted = meter.CreateCounter<long>("harden.audit.refusals.counted", "{request}", "Refusals of callers without identity that an entry counts and that have none of their own.");
        shipped = meter.CreateCounter<long>("harden.audit.shipped", "{entry}", "Entries that have arrived in PostgreSQL.");
        dropped = meter.CreateCounter<long>("harden.audit.log_records.dropped", "{record}", "OpenTelemetry log records that found no room; the audit log has their exchanges.");
        batch = meter.CreateHistogram<int>("harden.audit.flush.entries", "{entry}", "Entries made durable together.",
            advice: new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] });
        duration = meter.CreateHistogram<double>("harden.audit.flush.duration", "s", "Time to write a batch and make it durable.",
            advice: new() { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5] });
        meter.CreateObservableGauge("harden.audit.pending", () => Interlocked.Read(ref pending), "{entry}", "Entries that a crash now would lose.");
    }

    /// <summary>An entry was drafted.</summary>
    public void Drafted(EntryStage stage)
    {
        Interlocked.Increment(ref pending);
        entries.Add(1, new KeyValuePair<string, object?>("stage", stage switch
        {
            EntryStage.Intent => "intent",
            EntryStage.Progress => "progress",
            EntryStage.Completion => "completion",
            EntryStage.Notice => "notice",
            _ => "denial",
        }));
    }

    /// <summary>A request leaves no record.</summary>
    public void Silent(string rule) => silent.Add(1, new KeyValuePair<string, object?>("rule", rule));

    /// <summary>Refusals are counted in an entry.</summary>
    public void Counted(long count) => counted.Add(count);

    /// <summary>Entries have arrived in PostgreSQL.</summary>
    public void Shipped(int count) => shipped.Add(count);

    /// <summary>A log record found no room.</summary>
    public void LogRecordDropped() => dropped.Add(1);

    /// <summary>A batch is durable.</summary>
    public void Flushed(int count, int bytes, TimeSpan took)
    {
        Interlocked.Add(ref pending, -count);
        batch.Record(count);
        duration.Record(took.TotalSeconds);
    }

    /// <summary>The log could not be written.</summary>
    public void Failed(string reason) => failures.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>An intent was refused: its request was not forwarded.</summary>
    public void Refused() => Interlocked.Decrement(ref pending);

    /// <summary>An entry could not be kept.</summary>
    public void Lost()
    {
        Interlocked.Decrement(ref pending);
        lost.Add(1);
    }
}
