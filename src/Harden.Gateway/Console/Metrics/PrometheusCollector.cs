using System.Diagnostics.Metrics;
using System.Text;

namespace Harden.Gateway.Console.Metrics;

/// <summary>
/// Aggregates the gateway's own instruments for <c>/metrics</c>. Small and without a dependency, because the exporter package for this
/// is a preview; bounded, because each series costs memory for as long as the process lives.
/// </summary>
internal sealed class PrometheusCollector : IDisposable
{
    /// <summary>Content type of the text format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] Meters = ["Harden.Gateway", "Microsoft.AspNetCore.Server.Kestrel"];

    private readonly MeterListener listener = new();
    private readonly List<InstrumentSeries> instruments = [];
    private readonly Lock gate = new(); // one scrape at a time, and the list of instruments; never taken while a request is measured

    /// <param name="factory">Only its meters count: a process can hold more than one gateway, in tests.</param>
    public PrometheusCollector(IMeterFactory factory)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            var ours = Meters.Contains(instrument.Meter.Name) ? ReferenceEquals(instrument.Meter.Scope, factory) : instrument.Meter.Name == "System.Runtime";
            if (!ours || InstrumentSeries.TryCreate(instrument) is not { } series)
                return;
            lock (gate)
                instruments.Add(series);
            self.EnableMeasurementEvents(instrument, series);
        };
        listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((InstrumentSeries)state!).Record((double)value, tags));
    }

    /// <summary>Begins to count.</summary>
    public void Start() => listener.Start();

    /// <summary>Answers with everything counted so far.</summary>
    public Task WriteAsync(HttpResponse response)
    {
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync(Read());
    }

    /// <summary>Everything counted so far, in Prometheus' text format.</summary>
    public string Read()
    {
        var text = new StringBuilder(16 * 1024);
        lock (gate)
        {
            foreach (var series in instruments)
                series.ForgetObservations();
            try
            {
                listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // An observable's callback threw: its series are missing from this scrape, which is how Prometheus shows it. The others are there.
            }
            foreach (var family in instruments.GroupBy(static series => series.Name).OrderBy(static family => family.Key, StringComparer.Ordinal))
                PrometheusText.Write(text, family.First(), family);
        }
        return text.ToString();
    }

    public void Dispose() => listener.Dispose();
}
