namespace Harden.Benchmarks;

/// <summary>How long a target takes from the start of its process to the first answer of the backend through it.</summary>
internal static class StartRun
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var targets = Target.Select(arguments.List("targets", Target.Baseline, "open"), arguments.All("variant"));
        var times = targets.ToDictionary(static t => t, static _ => new List<double>());
        await using var stand = await Stand.StartAsync(targets);
        for (var round = 0; round <= arguments.Number("rounds", 7); round++)
        {
            foreach (var target in targets)
            {
                var server = stand.Start(target);
                var took = await server.WaitAsync("/1k", target.Status);
                await stand.StopAsync(server);
                Console.WriteLine($"round {round} | {target.Name,-10} | {took.TotalMilliseconds:0} ms");
                if (round > 0) // round 0 fills the page cache
                    times[target].Add(took.TotalMilliseconds);
            }
        }
        Console.WriteLine("\n| target | start to first proxied answer |\n| --- | ---: |");
        foreach (var target in targets)
            Console.WriteLine($"| {target.Title} | {LoadReport.Median(times[target]):0} ms |");
        return 0;
    }
}
