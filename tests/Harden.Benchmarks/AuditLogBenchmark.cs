using System.Diagnostics;
using System.Globalization;
using Harden.Audit;

namespace Harden.Benchmarks;

/// <summary>Durable entries a second of the log alone: <c>audit-log [seconds] [in flight] [bytes] [directory]</c>.</summary>
internal static class AuditLogBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        int Number(int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;
        var (seconds, inFlight, bytes) = (Number(0, 5), Number(1, 256), Number(2, 2048));
        var scratch = args.Length > 3 ? null : Directory.CreateTempSubdirectory("harden-audit-benchmark-");
        long batches = 0, entries = 0;
        try
        {
            var observer = new AuditLogObserver { Flushed = (count, _, _) => { batches++; entries += count; } };
            using var log = AuditLog.Open(scratch?.FullName ?? args[3], observer: observer);
            var text = new string('x', Math.Max(1, bytes - 300));
            var latencies = new List<double>[inFlight];
            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, inFlight).Select(async i =>
            {
                await Task.Yield();
                var mine = latencies[i] = [];
                while (watch.Elapsed.TotalSeconds < seconds)
                {
                    var began = Stopwatch.GetTimestamp();
                    if (!await log.AppendAsync(Draft(log, text)))
                        throw new InvalidOperationException(log.Trouble);
                    mine.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                }
            }));
            var took = watch.Elapsed.TotalSeconds;
            var used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
            var all = latencies.SelectMany(static l => l).Order().ToArray();
            System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{all.Length / took:N0} durable entries/s of {bytes} bytes, {inFlight} in flight; {used * 1e6 / all.Length:F1} CPU µs an entry; {(double)entries / batches:F1} entries a batch; p50 {all[all.Length / 2]:F2} ms, p99 {all[all.Length * 99 / 100]:F2} ms"));
            return 0;
        }
        finally
        {
            scratch?.Delete(recursive: true);
        }
    }

    private static PendingEntry Draft(AuditLog log, string text)
    {
        var entry = log.Rent();
        var json = entry.Json;
        json.WriteStartObject();
        json.WriteString("stage"u8, "intent"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
        json.Flush();
        return entry;
    }
}
