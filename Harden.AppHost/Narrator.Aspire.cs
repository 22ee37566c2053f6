using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Harden.Cli.Children;
using Harden.Cli.Run;
using Harden.Hosting.Decisions;
using Microsoft.Extensions.Hosting;

namespace Harden.AppHost;

/// <summary>
/// Tells the terminal what <c>harden run</c> would tell: where everything is once it is up, what ended unasked. What ends or stays away before that
/// ends the run, with the reason.
/// </summary>
internal sealed partial class Narrator(
    RunPlan plan, HardenResource gateway, Uri dashboard, ResourceNotificationService resources, ResourceLoggerService logs, IHostApplicationLifetime lifetime) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100), Remind = TimeSpan.FromSeconds(10);

    private readonly LogOutput output = LogOutput.ToConsole();
    private readonly TimeProvider time = TimeProvider.System;
    private readonly TaskCompletionSource<long> prototypeStarted = new();
    private volatile bool isUp;

    /// <summary>What the process is to end with.</summary>
    public int ExitCode { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true; // the terminal was closed: an orderly end, as for Ctrl+C
            lifetime.StopApplication();
        });
        output.Line("harden", $"starting {plan.Prototype.Name} behind the gateway; what each part says is in the dashboard, {dashboard}");
        await using var farewell = lifetime.ApplicationStopping.Register(() => output.Line("harden", "stopping"));
        try
        {
            var parts = WatchAsync(ending.Token);
            await await Task.WhenAny(parts, UpAsync(ending.Token));
            await parts;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // As asked.
        }
        catch (Cli.HostProblem problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            ExitCode = problem.ExitCode;
            lifetime.StopApplication();
        }
    }

    private async Task UpAsync(CancellationToken stop)
    {
        var (prototype, begun, reminders) = (plan.Prototype, time.GetTimestamp(), 1);
        // The gateway starts last: Aspire has it wait for all the others.
        while (!await Probe.GatewayAsync(plan.Gateway.App, "live", stop))
        {
            var listens = prototype.Start is null || await Probe.AcceptsAsync(prototype.Address.Host, prototype.Address.Port, stop);
            if (!listens && prototypeStarted.Task.IsCompletedSuccessfully && time.GetElapsedTime(prototypeStarted.Task.Result) > prototype.StartTimeout)
                throw await NeverListenedAsync(prototype, stop);
            if (time.GetElapsedTime(begun) > Remind * reminders)
                output.Line("harden", $"still waiting for {(listens ? "the gateway" : prototype.Name)}, {reminders++ * Remind.TotalSeconds:0} s.");
            await Task.Delay(Poll, time, stop);
        }
        var settled = await plan.SettleAsync(time, stop);
        var redis = plan.Redis with { Where = await RedisAsync(stop), Why = gateway.Redis!.Why };
        var banner = await (plan with { Redis = redis }).BannerAsync(settled, dashboard, stop);
        output.Plain(banner.ToString());
        isUp = true;
    }

    private async Task<string> RedisAsync(CancellationToken stop)
    {
        if (gateway.Redis!.Kind == RedisKind.GatewayConfigured)
            return plan.Redis.Where;
        var connection = gateway.Annotations.OfType<ResourceRelationshipAnnotation>().Select(static relation => relation.Resource).OfType<IResourceWithConnectionString>().FirstOrDefault();
        return connection is null ? "in memory" : (await connection.GetConnectionStringAsync(stop))!.Split(',')[0];
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        var ended = new HashSet<string>();
        await foreach (var change in resources.WatchAsync(stop))
        {
            if (change.Resource is not (ExecutableResource or ProjectResource or ContainerResource) || change.Snapshot.State?.Text is not { } state)
                continue;
            if (change.Resource == gateway.App && state == KnownResourceStates.Running)
                prototypeStarted.TrySetResult(time.GetTimestamp());
            if (!KnownResourceStates.TerminalStates.Contains(state))
                ended.Remove(change.ResourceId);
            else if (ended.Add(change.ResourceId))
                await EndedAsync(change, stop);
        }
    }

    private async Task EndedAsync(ResourceEvent change, CancellationToken stop)
    {
        var how = change.Snapshot.ExitCode is { } code ? $"ended with exit code {code}" : "could not be started";
        if (isUp)
        {
            output.Line("harden", $"{change.Resource.Name} {how}. It can be started again in the dashboard, {dashboard}");
            return;
        }
        var lines = Keeper.Quote(await LastLinesAsync(change.Resource, stop));
        var start = plan.Prototype.Start;
        throw new Cli.HostProblem(start is null || change.Resource != gateway.App ? $"{change.Resource.Name} {how} before it was ready. {lines}"
            : $"{start.Title} {how} before {start.Aim}. {(start.Hint.Length > 0 ? start.Hint + " " : "")}{lines}");
    }

    private async Task<Cli.HostProblem> NeverListenedAsync(PrototypePlan prototype, CancellationToken stop)
    {
        var lines = await LastLinesAsync(gateway.App!, stop);
        var elsewhere = await Probe.OtherPortAsync(lines, prototype.Address.Port, stop) is { } port ? $"It listens on port {port}, not on {prototype.Address.Port}." : "";
        return prototype.NeverListened(elsewhere, Keeper.Quote(lines));
    }

    // Aspire keeps a part's output and errors apart, each line behind its time, between lines of its own.
    private async Task<string[]> LastLinesAsync(IResource resource, CancellationToken stop)
    {
        var lines = new List<string>();
        await foreach (var batch in logs.GetAllAsync(resource).WithCancellation(stop))
            lines.AddRange(batch.Select(static line => line.Content));
        return [.. lines.OrderBy(static line => TimeStamp().Match(line).Value, StringComparer.Ordinal).Select(static line => TimeStamp().Replace(line, "")).Where(static line => !line.StartsWith("[sys]", StringComparison.Ordinal)).TakeLast(12)];
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT[0-9:.]+Z ")]
    private static partial Regex TimeStamp();
}
