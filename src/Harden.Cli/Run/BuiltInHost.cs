using Harden.Cli.Children;

namespace Harden.Cli.Run;

/// <summary>
/// Starts Redis, DevEntra, the prototype and the gateway, keeps them running, and ends with all of them. The engine of
/// <c>harden run</c>, and of the AppHost where Aspire is not available.
/// </summary>
internal sealed class BuiltInHost(LogOutput output, TimeProvider time)
{
    // Long, because a machine that is busy with something else can be so slow; who waits is told every ten seconds.
    private static readonly TimeSpan OwnPatience = TimeSpan.FromMinutes(3);

    /// <summary>Runs until told to stop, or until something can't be started or kept running.</summary>
    /// <param name="request">What the command line says.</param>
    /// <param name="stop">Ends everything in an orderly way.</param>
    /// <param name="kill">Ends everything at once.</param>
    /// <exception cref="HostProblem">Something is in the way; the message says what and how to mend it.</exception>
    public async Task RunAsync(RunRequest request, CancellationToken stop, CancellationToken kill)
    {
        try
        {
            await PlanAndRunAsync(request, stop, kill);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As asked.
        }
    }

    private async Task PlanAndRunAsync(RunRequest request, CancellationToken stop, CancellationToken kill)
    {
        var plan = await RunPlan.MakeAsync(request, [], stop);
        await using var fleet = new Fleet(output, time, kill);
        await using var farewell = stop.Register(() => output.Line("harden", "stopping"));
        var settled = await StartAsync(fleet, plan, stop);
        output.Plain((await plan.BannerAsync(settled, null, stop)).ToString());
        await fleet.WhenAllAsync(Task.Delay(Timeout.Infinite, stop)); // a child that can't be kept running ends the run
    }

    private async Task<bool> StartAsync(Fleet fleet, RunPlan plan, CancellationToken stop)
    {
        var (settings, identity, redis, gateway, prototype) = plan;
        plan.PrepareState();
        if (redis.Program is not null)
            await ReadyAsync(fleet.Start(redis.Prepare(new(settings.StateDirectory))), "redis", cancel => Probe.AcceptsAsync("127.0.0.1", redis.Port, cancel), stop);
        var ready = new List<Task>();
        if (identity.DevEntra is not null)
        {
            var entra = new ChildSpec("entra", DotNet.Run("Harden.DevEntra.dll"), settings.Directory, identity.DevEntraEnvironment(GatewayPlan.Development(settings)));
            ready.Add(ReadyAsync(fleet.Start(entra), "entra", cancel => Probe.AnswersAsync(identity.Discovery, cancel), stop));
        }
        if (prototype.Start is not null)
            ready.Add(PrototypeReadyAsync(fleet.Start(prototype.Start), prototype, stop));
        await fleet.WhenAllAsync([.. ready]);

        // Last, so that it finds all of them and has nothing to warn of.
        await fleet.WhenAllAsync(ReadyAsync(fleet.Start(gateway.Start), "gateway", cancel => Probe.GatewayAsync(gateway.App, "live", cancel), stop));
        return await plan.SettleAsync(time, stop);
    }

    private static async Task ReadyAsync(Keeper child, string name, Func<CancellationToken, Task<bool>> probe, CancellationToken stop)
    {
        if (!await child.WaitUntilReadyAsync(probe, OwnPatience, stop))
            throw new HostProblem($"{name} runs but was not ready within {OwnPatience.TotalSeconds:0} s. {Keeper.Quote(child.LastLines)}");
    }

    private static async Task PrototypeReadyAsync(Keeper child, PrototypePlan prototype, CancellationToken stop)
    {
        async Task<string> Elsewhere() =>
            await Probe.OtherPortAsync(child.LastLines, prototype.Address.Port, stop) is { } port ? $"It listens on port {port}, not on {prototype.Address.Port}." : "";

        if (!await child.WaitUntilReadyAsync(cancel => Probe.AcceptsAsync(prototype.Address.Host, prototype.Address.Port, cancel), prototype.StartTimeout, stop, Elsewhere))
            throw prototype.NeverListened(await Elsewhere(), Keeper.Quote(child.LastLines));
    }
}
