using System.Globalization;

namespace Harden.Benchmarks;

/// <summary>What a proxy holds: per stream that is open and idle, and while one long body passes.</summary>
internal static class MemoryRun
{
    private const double KiB = 1024, MiB = 1024 * 1024;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var targets = Target.Select(arguments.List("targets", Target.Baseline, "open"), arguments.All("variant"));
        var streams = arguments.Number("streams", 300);
        var bytes = arguments.Number("gigabytes", 5) * 1_000_000_000L;
        Console.WriteLine($"| target | per idle event stream | per idle WebSocket | growth over {bytes / 1_000_000_000} GB up | and down | seconds up | and down |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        await using var stand = await Stand.StartAsync(targets);
        foreach (var target in targets)
        {
            var server = stand.Start(target);
            var headers = await stand.ReadyAsync(server, target);
            using (var warm = new LoadGenerator(server.Port, 64, Workload.Of(["get"], 0)[0], headers))
                warm.Run(TimeSpan.FromSeconds(3), 0);
            var client = new RawClient(server.Port, headers);
            var events = await PerStreamAsync(server, streams, client.OpenEvents);
            var sockets = await PerStreamAsync(server, streams, client.OpenWebSocket);
            var (up, upTime) = await PeakAsync(server, () => client.Upload(bytes));
            var (down, downTime) = await PeakAsync(server, () => client.Download(bytes));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {target.Title} | {events / KiB:0.0} KiB | {sockets / KiB:0.0} KiB | {up / MiB:0.0} MiB | {down / MiB:0.0} MiB | {upTime.TotalSeconds:0.0} | {downTime.TotalSeconds:0.0} |"));
            await stand.StopAsync(server);
        }
        return 0;
    }

    private static async Task<double> PerStreamAsync(ServerProcess server, int count, Func<IDisposable> open)
    {
        using (new Many(20, open)) // what only the first few cost is not a stream's
            await Task.Delay(500);
        await Task.Delay(500);
        var before = server.Memory;
        using (new Many(count, open))
        {
            await Task.Delay(2000); // long enough for the runtime to give back what it only needed meanwhile
            return (double)(server.Memory - before) / count;
        }
    }

    private static async Task<(double Growth, TimeSpan Time)> PeakAsync(ServerProcess server, Action transfer)
    {
        var before = server.Memory;
        var peak = before;
        var start = TimeProvider.System.GetTimestamp();
        var running = Task.Run(transfer);
        while (await Task.WhenAny(running, Task.Delay(50)) != running)
            peak = Math.Max(peak, server.Memory);
        await running;
        return (Math.Max(peak, server.Memory) - before, TimeProvider.System.GetElapsedTime(start));
    }

    private sealed class Many(int count, Func<IDisposable> open) : IDisposable
    {
        private readonly IDisposable[] opened = [.. Enumerable.Range(0, count).Select(_ => open())];

        public void Dispose()
        {
            foreach (var one in opened)
                one.Dispose();
        }
    }
}
