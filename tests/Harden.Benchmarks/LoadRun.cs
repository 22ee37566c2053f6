using System.Globalization;

namespace Harden.Benchmarks;

/// <summary>
/// Measures all targets in turn, round after round, so that whatever else the machine does meets them all alike. Each is warmed up first:
/// on a busy machine the JIT needs half a minute until it has compiled what is hot for the second and third time.
/// </summary>
internal static class LoadRun
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var targets = Target.Select(arguments.List("targets", [.. Target.All.Select(static t => t.Name)]), arguments.All("variant"));
        if (targets[0].Name != Target.Baseline)
            targets = [.. Target.Select([Target.Baseline], []), .. targets];
        var workloads = Workload.Of(arguments.List("workloads", "get", "post", "rate"), arguments.Number("rate", 1000));
        var length = TimeSpan.FromSeconds(arguments.Number("seconds", 3));
        var rounds = arguments.Number("rounds", 5);
        var connections = arguments.Number("connections", 64);

        await using var stand = await Stand.StartAsync(targets);
        var servers = targets.Select(stand.Start).ToArray();
        var headers = new string[targets.Length];
        for (var i = 0; i < targets.Length; i++)
            headers[i] = await stand.ReadyAsync(servers[i], targets[i]);

        for (var i = 0; i < targets.Length; i++)
            Warm(targets[i], servers[i], workloads, connections, headers[i]);
        var measurements = new List<Measurement>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var workload in workloads)
            {
                for (var i = 0; i < targets.Length; i++)
                {
                    if (targets[i].Status != 200 && workload.Status == 101)
                        continue; // a handshake that is refused is a refused GET
                    var written = stand.Written(targets[i]);
                    var measured = Measure(round, targets[i], servers[i], workload, connections, length, headers[i]);
                    measured = measured with { Written = (double)(stand.Written(targets[i]) - written) / measured.Load.Answers };
                    Console.WriteLine(measured);
                    measurements.Add(measured);
                }
            }
        }
        Console.WriteLine();
        Console.WriteLine(LoadReport.Of(targets, workloads, measurements));
        return measurements.Exists(static m => m.Load.Wrong.Count > 0) ? 1 : 0;
    }

    private static void Warm(Target target, ServerProcess server, Workload[] workloads, int connections, string headers)
    {
        foreach (var workload in workloads)
        {
            if (target.Status != 200 && workload.Status == 101)
                continue;
            using var generator = new LoadGenerator(server.Port, connections, workload.Expecting(target.Status), headers);
            var slices = 0;
            TimeSpan jit, before;
            do
            {
                before = server.JitCpu;
                generator.Run(TimeSpan.FromSeconds(2), 0);
                jit = server.JitCpu - before;
            }
            while (++slices < 20 && jit > TimeSpan.FromMilliseconds(40));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"warm-up | {target.Name,-10} | {workload.Name,-6} | {slices * 2} s{(slices == 20 ? ", and the JIT was still at work" : "")}"));
        }
    }

    private static Measurement Measure(int round, Target target, ServerProcess server, Workload workload, int connections, TimeSpan length, string headers)
    {
        using var generator = new LoadGenerator(server.Port, connections, workload.Expecting(target.Status), headers);
        var own = Environment.CpuUsage.TotalTime;
        var before = server.Cpu;
        var load = generator.Run(length, workload.Rate);
        return new(round, target, workload, load, (server.Cpu - before) / load.Answers, (Environment.CpuUsage.TotalTime - own) / load.Answers, server.Memory, 0);
    }
}

/// <summary>One target under one workload in one round.</summary>
/// <param name="Cpu">CPU time of the target's process per request.</param>
/// <param name="Own">CPU time of the generator per request: where it nears the target's, it is part of what is measured.</param>
/// <param name="Memory">Resident memory of the target afterwards.</param>
/// <param name="Written">Bytes the target's state directory grew by, per request.</param>
internal sealed record Measurement(int Round, Target Target, Workload Workload, LoadResult Load, TimeSpan Cpu, TimeSpan Own, long Memory, double Written)
{
    /// <summary>The raw line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"round {Round} | {Target.Name,-10} | {Workload.Name,-4} | {Load.PerSecond,7:0} requests/s | {Cpu.TotalMicroseconds,6:0.0} us CPU | p50 {Load.Quantile(0.5),6:0} us | p99 {Load.Quantile(0.99),6:0} us | {Memory >> 20,4} MiB | {Written,5:0} B on disk | generator {Own.TotalMicroseconds,4:0.0} us | {(Load.Wrong.Count == 0 ? "all as expected" : "WRONG: " + string.Join(", ", Load.Wrong.Select(static w => $"{w.Key} x {w.Value}")))}");
}
