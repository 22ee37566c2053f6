using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using Harden.Gateway.Console.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Console;

public sealed partial class PrometheusTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PrometheusCollector collector;
    private readonly Meter meter;

    public PrometheusTests()
    {
        var factory = services.GetRequiredService<IMeterFactory>();
        meter = factory.Create("Harden.Gateway");
        collector = new(factory);
        collector.Start();
    }

    [Fact]
    public void Counter_GetsTotalHelpAndEscapedLabels()
    {
        var counter = meter.CreateCounter<long>("harden.denied", "{request}", "Back\\slash and\nnew line.");
        counter.Add(2, new KeyValuePair<string, object?>("rule.name", "a\"b\\c\nd"));
        counter.Add(3, new KeyValuePair<string, object?>("rule.name", "a\"b\\c\nd"));

        Assert.Contains("# HELP harden_denied_total Back\\\\slash and\\nnew line.\n# TYPE harden_denied_total counter\nharden_denied_total{rule_name=\"a\\\"b\\\\c\\nd\"} 5\n",
            collector.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Histogram_HasCumulativeBucketsSumAndCount()
    {
        var histogram = meter.CreateHistogram("wait", "s", "Waiting.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        foreach (var value in new[] { 0.25, 0.5, 0.75, 4 })
            histogram.Record(value, new KeyValuePair<string, object?>("ok", true));

        Assert.Contains("# TYPE wait_seconds histogram\nwait_seconds_bucket{ok=\"true\",le=\"0.5\"} 2\nwait_seconds_bucket{ok=\"true\",le=\"1\"} 3\n"
            + "wait_seconds_bucket{ok=\"true\",le=\"+Inf\"} 4\nwait_seconds_sum{ok=\"true\"} 5.5\nwait_seconds_count{ok=\"true\"} 4\n", collector.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void UpDownCounterAndGauges_AreGauges()
    {
        var open = meter.CreateUpDownCounter<int>("open");
        open.Add(3);
        open.Add(-1);
        var level = 7;
        meter.CreateObservableGauge("level", () => new[] { new Measurement<int>(level, new KeyValuePair<string, object?>("disk", "a")) }, "By");

        Assert.Contains("# TYPE open gauge\nopen 2\n", collector.Read(), StringComparison.Ordinal);
        Assert.Contains("level_bytes{disk=\"a\"} 7\n", collector.Read(), StringComparison.Ordinal);
        level = 8;
        Assert.Contains("level_bytes{disk=\"a\"} 8\n", collector.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void ObservableThatThrows_LosesOnlyItself()
    {
        meter.CreateObservableGauge("broken", static int () => throw new InvalidOperationException("broken"));
        meter.CreateObservableGauge("whole", static () => 1);

        Assert.Contains("whole 1\n", collector.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void ManySeries_AreBounded_AndNothingIsLost()
    {
        var counter = meter.CreateCounter<long>("many");
        for (var i = 0; i < 10_000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("key", i));

        var values = Samples().Matches(collector.Read()).Where(static m => m.Groups[1].Value.StartsWith("many_total", StringComparison.Ordinal))
            .Select(static m => double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture)).ToArray();

        Assert.Equal(InstrumentSeries.MaxSeries + 1, values.Length);
        Assert.Equal(10_000, values.Sum());
        Assert.Contains("otel_metric_overflow=\"true\"", collector.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void ConcurrentMeasurements_AreAllCounted()
    {
        var counter = meter.CreateCounter<long>("busy");
        var histogram = meter.CreateHistogram<double>("busy.time", "s");

        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("n", i % 3));
                histogram.Record(1);
            }
        });

        Assert.Equal(80_000, Samples().Matches(collector.Read()).Where(static m => m.Groups[1].Value.StartsWith("busy_total", StringComparison.Ordinal))
            .Sum(static m => double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture)));
        Assert.Contains("busy_time_seconds_count 80000\n", collector.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scrape_IsWellFormed_AndCountsRequests()
    {
        await using var console = await ConsoleUnderTest.StartAsync();
        await console.App.GetStringAsync("/a");

        using var answer = await console.Client.GetAsync("/metrics");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => Assert.Matches(WellFormed(), line));
        var names = text.Split('\n').Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[2]).ToArray();
        Assert.Equal(names.Distinct(), names);
        Assert.Contains("http_server_request_duration_seconds_count{harden_decision=\"none\",http_request_method=\"GET\"", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_collections_total", text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        collector.Dispose();
        services.Dispose();
    }

    [GeneratedRegex("^([a-z_]+(?:\\{[^}]*\\})?) ([0-9.e+-]+)$", RegexOptions.Multiline)]
    private static partial Regex Samples();

    [GeneratedRegex("^(# HELP [a-zA-Z_][a-zA-Z0-9_]* .*|# TYPE [a-zA-Z_][a-zA-Z0-9_]* (counter|gauge|histogram)|[a-zA-Z_][a-zA-Z0-9_]*(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\\]|\\\\.)*\",?)*\\})? (NaN|[+-]?Inf|[0-9.eE+-]+))$")]
    private static partial Regex WellFormed();
}
