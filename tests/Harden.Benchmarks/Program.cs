using System.Net.Sockets;

namespace Harden.Benchmarks;

/// <summary>
/// Modes: <c>load</c>, <c>memory</c>, <c>start</c>, <c>allocations</c>, <c>redaction</c>, <c>audit-log</c>, <c>index</c>, <c>limits</c> measure; <c>backend</c> and <c>yarp</c> are what they start as processes of their own.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        try
        {
            return args switch
            {
                ["load", .. var rest] => await LoadRun.RunAsync(new Arguments(rest)),
                ["memory", .. var rest] => await MemoryRun.RunAsync(new Arguments(rest)),
                ["start", .. var rest] => await StartRun.RunAsync(new Arguments(rest)),
                ["audit-log", .. var rest] => await AuditLogBenchmark.RunAsync(rest),
                ["limits", .. var rest] => await LimitsRun.RunAsync(new Arguments(rest)),
                ["index", .. var rest] => await IndexRun.RunAsync(new Arguments(rest)),
                ["allocations", .. var rest] => await AllocationRun.RunAsync(new Arguments(rest)),
                ["redaction", .. var rest] => RedactionRun.Run(new Arguments(rest)),
                ["backend", var port] => await Backend.RunAsync(int.Parse(port)),
                ["yarp", var port, var destination] => await BareYarp.RunAsync(int.Parse(port), destination),
                _ => Usage(),
            };
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or HttpRequestException or SocketException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static int Usage()
    {
        Console.Error.WriteLine("""
            usage: dotnet run -c Release --project tests/Harden.Benchmarks -- MODE [options]

            load      requests/s, CPU per request, latency and memory as ratios to bare YARP
                      --seconds N (3)  --rounds N (5)  --connections N (64)  --rate N (1000 requests/s for the latency workload)
                      --targets LIST   (all of those that load lists below)   --workloads LIST (get,post,rate; also socket)
                      --variant "NAME=TARGET;ENV=VALUE;..."  one more target: TARGET with other environment; dll=PATH measures another build
            memory    memory per idle SSE stream and WebSocket, and over a long upload and download
                      --streams N (300)  --gigabytes N (5)  --targets LIST (yarp,open)
            start     time from process start to the first proxied answer
                      --rounds N (7)  --targets LIST (yarp,open)
            redaction CPU time and memory of redacting one body of 4 KiB
                      --rounds N (3000)
            audit-log the log alone: entries a second, each on the disk before it counts
            limits    a limit's decision alone, in memory and through Redis, and the memory of a flood of subjects
                      --decisions N (1000000)  --rounds N (5)  --subjects N (1000000)
                      whole requests: load --targets yarp,open,limits,limits-redis --workloads get
            index     the index of a large log: entries a second, size, time of searches with it and by the files alone
                      --entries N (300000; a million takes 0.8 GB)  --scan yes|no (yes)  --directory DIR (a temporary one; a named one is kept)
            allocations  bytes allocated per request, the proxy in this process
                      --targets LIST (yarp,open)  --workloads LIST (get,post)  --types N (0): the N types most allocated
            """);
        Console.Error.WriteLine($"targets   {string.Join(", ", Target.All.Select(static t => t.Name))}");
        return 2;
    }
}
