using System.Globalization;
using System.Text;

namespace Harden.Gateway.Console.Metrics;

using Tag = KeyValuePair<string, object?>;

/// <summary>Prometheus' text exposition format, version 0.0.4, with names made from OpenTelemetry's as its specification says.</summary>
internal static class PrometheusText
{
    /// <summary>A metric's name: unit and <c>_total</c> become suffixes.</summary>
    public static string NameOf(string name, string? unit, string type)
    {
        var text = Sanitize(name);
        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "%" => "_percent",
            "1" when type == "gauge" => "_ratio",
            _ => "",
        };
        if (!text.EndsWith(suffix, StringComparison.Ordinal))
            text += suffix;
        return type == "counter" && !text.EndsWith("_total", StringComparison.Ordinal) ? text + "_total" : text;
    }

    /// <summary>Writes one family: instruments that share a name. Those of another type than the first are left out, because a family has one type.</summary>
    public static void Write(StringBuilder text, InstrumentSeries first, IEnumerable<InstrumentSeries> family)
    {
        var headed = false;
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var series in family.Where(series => series.Type == first.Type))
        {
            foreach (var (tags, cell) in series.All)
            {
                var labels = Labels(tags);
                if (!written.Add(labels))
                    continue;
                if (!headed)
                {
                    text.Append("# HELP ").Append(first.Name).Append(' ').Append(first.Help.Replace("\\", "\\\\").Replace("\n", "\\n")).Append('\n');
                    text.Append("# TYPE ").Append(first.Name).Append(' ').Append(first.Type).Append('\n');
                    headed = true;
                }
                if (series.Bounds.Length > 0)
                    Histogram(text, series, labels, cell);
                else
                    Sample(text, series.Name, labels, cell.Value);
            }
        }
    }

    private static void Histogram(StringBuilder text, InstrumentSeries series, string labels, InstrumentSeries.Cell cell)
    {
        var buckets = cell.Buckets;
        var comma = labels.Length > 0 ? "," : "";
        long below = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            below += buckets[i];
            var bound = i < series.Bounds.Length ? Number(series.Bounds[i]) : "+Inf";
            Sample(text, series.Name + "_bucket", $"{labels}{comma}le=\"{bound}\"", below);
        }
        Sample(text, series.Name + "_sum", labels, cell.Value);
        Sample(text, series.Name + "_count", labels, below); // the buckets' sum, so that it agrees with them while others count
    }

    private static void Sample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Labels(Tag[] tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags.OrderBy(static tag => tag.Key, StringComparer.Ordinal).DistinctBy(static tag => Sanitize(tag.Key)))
        {
            if (text.Length > 0)
                text.Append(',');
            var shown = value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(Sanitize(key)).Append("=\"").Append(shown.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\"", "\\\"")).Append('"');
        }
        return text.ToString();
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    // [a-zA-Z_][a-zA-Z0-9_]*
    private static string Sanitize(string name)
    {
        var text = string.Create(name.Length, name, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
        });
        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? "_" + text : text;
    }
}
