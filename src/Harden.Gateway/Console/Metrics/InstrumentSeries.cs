using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Harden.Gateway.Console.Metrics;

using Tag = KeyValuePair<string, object?>;

/// <summary>The series of one instrument. Recording finds its series without allocating and adds without a lock.</summary>
internal sealed class InstrumentSeries
{
    /// <summary>Most series an instrument keeps; what comes after that is counted in one further series with the label <c>otel_metric_overflow</c>.</summary>
    public const int MaxSeries = 500;

    // OpenTelemetry's, for an instrument that advises none: made for milliseconds, useless for seconds.
    private static readonly double[] DefaultBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
    private static readonly double[] SecondsBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly ConcurrentDictionary<Tag[], Cell> cells = new(TagComparer.Instance);
    private readonly ConcurrentDictionary<Tag[], Cell>.AlternateLookup<ReadOnlySpan<Tag>> lookup;
    private readonly bool absolute;
    private readonly bool observable;
    private readonly Cell overflow;
    private int count;

    private InstrumentSeries(Instrument instrument, string type, bool absolute, double[] bounds)
    {
        lookup = cells.GetAlternateLookup<ReadOnlySpan<Tag>>();
        Type = type;
        this.absolute = absolute;
        observable = instrument.IsObservable;
        Bounds = bounds;
        overflow = new(bounds.Length);
        Name = PrometheusText.NameOf(instrument.Name, instrument.Unit, type);
        Help = instrument.Description ?? "";
    }

    public string Name { get; }

    public string Help { get; }

    /// <summary><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</summary>
    public string Type { get; }

    /// <summary>Upper bounds of a histogram's buckets, without infinity; empty for others.</summary>
    public double[] Bounds { get; }

    /// <summary>Series in use, with their tags.</summary>
    public IEnumerable<(Tag[] Tags, Cell Cell)> All =>
        cells.Where(static pair => pair.Value.Used).Select(static pair => (pair.Key, pair.Value))
            .Concat(overflow.Used && Type != "gauge" ? [([new("otel.metric.overflow", "true")], overflow)] : Array.Empty<(Tag[], Cell)>());

    /// <summary>The series of an instrument; null for a kind that Prometheus has no type for.</summary>
    public static InstrumentSeries? TryCreate(Instrument instrument)
    {
        var kind = instrument.GetType().IsGenericType ? instrument.GetType().GetGenericTypeDefinition() : null;
        if (kind == typeof(Counter<>))
            return new(instrument, "counter", absolute: false, []);
        if (kind == typeof(ObservableCounter<>))
            return new(instrument, "counter", absolute: true, []);
        if (kind == typeof(UpDownCounter<>))
            return new(instrument, "gauge", absolute: false, []);
        if (kind == typeof(ObservableUpDownCounter<>) || kind == typeof(ObservableGauge<>) || kind == typeof(Gauge<>))
            return new(instrument, "gauge", absolute: true, []);
        if (kind == typeof(Histogram<>))
            return new(instrument, "histogram", absolute: false, Advised(instrument) ?? (instrument.Unit == "s" ? SecondsBounds : DefaultBounds));
        return null;
    }

    /// <summary>Takes one measurement.</summary>
    public void Record(double value, ReadOnlySpan<Tag> tags)
    {
        var cell = lookup.TryGetValue(tags, out var known) ? known : Create(tags);
        if (Bounds.Length > 0)
            cell.Observe(value, Bounds);
        else if (absolute)
            cell.Set(value);
        else
            cell.Add(value);
    }

    /// <summary>Before a scrape: an observable reports every series anew, and what it no longer reports is gone.</summary>
    public void ForgetObservations()
    {
        if (!observable)
            return;
        cells.Clear();
        count = 0;
    }

    private Cell Create(ReadOnlySpan<Tag> tags)
    {
        if (Interlocked.Increment(ref count) > MaxSeries)
            return overflow;
        return cells.GetOrAdd(tags.ToArray(), new Cell(Bounds.Length));
    }

    private static double[]? Advised(Instrument instrument) => instrument switch
    {
        Histogram<double> h => h.Advice?.HistogramBucketBoundaries?.ToArray(),
        Histogram<float> h => h.Advice?.HistogramBucketBoundaries?.Select(static b => (double)b).ToArray(),
        Histogram<long> h => h.Advice?.HistogramBucketBoundaries?.Select(static b => (double)b).ToArray(),
        Histogram<int> h => h.Advice?.HistogramBucketBoundaries?.Select(static b => (double)b).ToArray(),
        _ => null,
    };

    /// <summary>One series: a sum or last value, and for a histogram the count of each bucket.</summary>
    internal sealed class Cell(int bounds)
    {
        private readonly long[] buckets = bounds == 0 ? [] : new long[bounds + 1];
        private double value;

        public bool Used { get; private set; }

        /// <summary>Sum, or last value.</summary>
        public double Value => Volatile.Read(ref value);

        /// <summary>How many observations each bucket holds, the last one those above every bound.</summary>
        public long[] Buckets => Array.ConvertAll(buckets, static bucket => bucket);

        public void Set(double to)
        {
            Volatile.Write(ref value, to);
            Used = true;
        }

        public void Add(double more)
        {
            var seen = Volatile.Read(ref value);
            while (true)
            {
                var before = Interlocked.CompareExchange(ref value, seen + more, seen);
                if (before.Equals(seen))
                    break;
                seen = before;
            }
            Used = true;
        }

        public void Observe(double observed, double[] upper)
        {
            var i = 0;
            while (i < upper.Length && observed > upper[i])
                i++;
            Interlocked.Increment(ref buckets[i]);
            Add(observed);
        }
    }

    private sealed class TagComparer : IEqualityComparer<Tag[]>, IAlternateEqualityComparer<ReadOnlySpan<Tag>, Tag[]>
    {
        public static readonly TagComparer Instance = new();

        public bool Equals(Tag[]? x, Tag[]? y) => Equals(x.AsSpan(), y!);

        public bool Equals(ReadOnlySpan<Tag> alternate, Tag[] other)
        {
            if (alternate.Length != other.Length)
                return false;
            for (var i = 0; i < other.Length; i++)
            {
                if (alternate[i].Key != other[i].Key || !Equals(alternate[i].Value, other[i].Value))
                    return false;
            }
            return true;
        }

        public int GetHashCode(Tag[] tags) => GetHashCode(tags.AsSpan());

        // Keys are few and come in one order from each place in the code, so the values tell series apart.
        public int GetHashCode(ReadOnlySpan<Tag> alternate)
        {
            var hash = alternate.Length;
            foreach (var tag in alternate)
                hash = (hash * 31) + (tag.Value?.GetHashCode() ?? 0);
            return hash;
        }

        public Tag[] Create(ReadOnlySpan<Tag> alternate) => alternate.ToArray();
    }
}
