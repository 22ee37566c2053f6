using System.Diagnostics.Tracing;
using System.Globalization;
using Harden.Gateway.Configuration;

namespace Harden.Benchmarks;

/// <summary>
/// Bytes the proxy allocates per request, and of which types. Unlike CPU time the number hardly depends on what else the machine
/// does, so it shows small changes. The proxy runs in this process; the generator allocates next to nothing.
/// </summary>
internal static class AllocationRun
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var targets = Target.Select(arguments.List("targets", Target.Baseline, "open"), arguments.All("variant"));
        var types = arguments.Number("types", 0);
        await using var stand = await Stand.StartAsync(targets);
        Console.WriteLine("| target | request | allocated |\n| --- | --- | ---: |");
        foreach (var target in targets)
        {
            var port = ServerProcess.FreePort();
            await using var app = target.Name == Target.Baseline
                ? BareYarp.Build(port, $"http://127.0.0.1:{stand.BackendPort}")
                : Gateway.Program.Build(ConfigurationStage.CreateBuilder(
                    [.. stand.SettingsOf(target, port).Select(static s => $"--{s.Key.Replace("__", ":", StringComparison.Ordinal)}={s.Value}"), "--environment", "Development"]));
            await app.StartAsync();
            var headers = await Stand.HeadersAsync(target, port);
            foreach (var workload in Workload.Of(arguments.List("workloads", "get", "post"), 0))
            {
                using var generator = new LoadGenerator(port, 64, workload.Expecting(target.Status), headers);
                generator.Run(TimeSpan.FromSeconds(3), 0);
                using var sampler = types > 0 ? new Sampler() : null;
                var before = GC.GetTotalAllocatedBytes(precise: true);
                var load = generator.Run(TimeSpan.FromSeconds(arguments.Number("seconds", 3)), 0);
                var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {target.Title} | {workload.Title} | {(double)allocated / load.Answers:0} B |"));
                if (load.Wrong.Count > 0)
                    Console.WriteLine("NOT AS EXPECTED: " + string.Join(", ", load.Wrong));
                sampler?.Print(types, (double)allocated / load.Answers);
            }
            await app.StopAsync();
        }
        return 0;
    }

    // The runtime reports the type of one object in every 100 KB.
    private sealed class Sampler : EventListener
    {
        private const EventKeywords Gc = (EventKeywords)1;
        private readonly Dictionary<string, int> seen = [];
        private int total;

        public void Print(int count, double bytes)
        {
            lock (seen)
            {
                foreach (var (type, times) in seen.OrderByDescending(static s => s.Value).Take(count))
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {bytes * times / total,6:0} B  {type}"));
            }
        }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
                EnableEvents(eventSource, EventLevel.Verbose, Gc);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) != true)
                return;
            lock (seen)
            {
                var type = (string)eventData.Payload![5]!;
                seen[type] = seen.GetValueOrDefault(type) + 1;
                total++;
            }
        }
    }
}
