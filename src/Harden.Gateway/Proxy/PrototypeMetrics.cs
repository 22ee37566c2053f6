using System.Diagnostics.Metrics;

namespace Harden.Gateway.Proxy;

/// <summary>How long the prototype takes to answer, and how it fails.</summary>
internal sealed class PrototypeMetrics
{
    private static readonly string[] Classes = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private readonly Histogram<double> duration;
    private readonly Counter<long> errors;

    public PrototypeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Harden.Gateway");
        duration = meter.CreateHistogram<double>("harden.upstream.duration", "s", "Time from sending a request to the prototype until its answer begins.");
        errors = meter.CreateCounter<long>("harden.upstream.errors", "{request}", "Requests that the prototype did not answer as it should, by what was wrong.");
    }

    /// <summary>Records an answer.</summary>
    public void Answered(TimeSpan time, int status) =>
        duration.Record(time.TotalSeconds, new KeyValuePair<string, object?>("status", Classes[status is >= 100 and < 600 ? status / 100 : 0]));

    /// <summary>Counts a failure.</summary>
    public void Failed(string error) => errors.Add(1, new KeyValuePair<string, object?>("error", error));
}
