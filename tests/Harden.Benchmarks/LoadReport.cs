using System.Globalization;
using System.Text;

namespace Harden.Benchmarks;

/// <summary>Medians over the rounds. A ratio is taken within a round, where both met the same machine, and the median of these is printed.</summary>
internal static class LoadReport
{
    public static string Of(Target[] targets, Workload[] workloads, List<Measurement> all)
    {
        var text = new StringBuilder();
        foreach (var workload in workloads)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                **{workload.Title}** (x = ratio to bare YARP in the same round)

                | target | requests/s | CPU/request | p50 | p99 | RSS | disk/request | not as expected |
                | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |

                """);
            foreach (var target in targets)
            {
                var rows = all.FindAll(m => m.Target == target && m.Workload == workload);
                if (rows.Count == 0)
                    continue;
                var wrong = rows.SelectMany(static m => m.Load.Wrong).GroupBy(static w => w.Key).Select(static g => $"{g.Key} x {g.Sum(static w => w.Value)}");
                text.Append(CultureInfo.InvariantCulture, $"| {target.Title} | ")
                    .Append(Cell(rows, all, static m => m.Load.PerSecond, "0", "")).Append(" | ")
                    .Append(Cell(rows, all, static m => m.Cpu.TotalMicroseconds, "0.0", " µs")).Append(" | ")
                    .Append(Cell(rows, all, static m => m.Load.Quantile(0.5), "0", " µs")).Append(" | ")
                    .Append(Cell(rows, all, static m => m.Load.Quantile(0.99), "0", " µs")).Append(" | ")
                    .Append(Cell(rows, all, static m => m.Memory / 1048576.0, "0", " MiB")).Append(" | ")
                    .Append(CultureInfo.InvariantCulture, $"{Median(rows.Select(static m => m.Written)):0} B | ")
                    .Append(string.Join(", ", wrong.DefaultIfEmpty("0"))).AppendLine(" |");
            }
            text.AppendLine();
        }
        return text.ToString();
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Cell(List<Measurement> rows, List<Measurement> all, Func<Measurement, double> value, string format, string unit)
    {
        var ratio = Median(rows.Select(m => value(m) / value(all.Find(b => b.Round == m.Round && b.Workload == m.Workload && b.Target.Name == Target.Baseline)!)));
        return string.Create(CultureInfo.InvariantCulture, $"**{ratio:0.00}x** ") + Median(rows.Select(value)).ToString(format, CultureInfo.InvariantCulture) + unit;
    }
}
