using Harden.Cli.Children;
using Harden.Gateway;

namespace Harden.Cli.Run;

/// <summary>Everything that is decided before anything starts, whichever engine then starts it.</summary>
internal sealed record RunPlan(Settings Settings, IdentityPlan Identity, RedisPlan Redis, GatewayPlan Gateway, PrototypePlan Prototype)
{
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(30);

    /// <summary>Decides, and makes sure that nothing known beforehand is in the way.</summary>
    /// <param name="request">What the command line says.</param>
    /// <param name="others">Listeners of the engine's own.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="HostProblem">Something is in the way.</exception>
    public static async Task<RunPlan> MakeAsync(RunRequest request, Listener[] others, CancellationToken stop)
    {
        var settings = Settings.Read(request.Config);
        var identity = IdentityPlan.Make(request, settings);
        var redis = RedisPlan.Make(settings);
        var gateway = GatewayPlan.Make(request, settings, identity, redis);
        await gateway.Before(request.Address).CheckAsync(stop);
        var prototype = PrototypePlan.Make(request, settings);
        Listener?[] listeners = [gateway.App, gateway.Console, identity.DevEntra, prototype.Listener, .. others];
        foreach (var listener in listeners)
            listener?.ThrowIfTaken();
        return new(settings, identity, redis, gateway.For(prototype), prototype);
    }

    /// <summary>Creates the state directory, which version control is to leave alone.</summary>
    public void PrepareState() => File.WriteAllText(
        Path.Combine(new StateDirectory(Settings.StateDirectory).Of("."), ".gitignore"), "# Audit log and keys don't belong in version control.\n*\n");

    /// <summary>Waits until a gateway that is live is also ready; false if that takes too long, or can't be expected because the prototype is not Harden's to start.</summary>
    public async Task<bool> SettleAsync(TimeProvider time, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (!await Probe.GatewayAsync(Gateway.App, "ready", stop))
        {
            if (Prototype.Start is null || time.GetElapsedTime(started) > SettlePatience)
                return false;
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, stop);
        }
        return true;
    }

    /// <summary>What to tell once everything is up.</summary>
    /// <param name="settled">Whether the gateway has found everything it needs.</param>
    /// <param name="dashboard">Where Aspire's dashboard is; null if there is none.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<Banner> BannerAsync(bool settled, Uri? dashboard, CancellationToken stop) =>
        new(this) { IsSettled = settled, Dashboard = dashboard, Exposed = Prototype.Start is null ? null : await Probe.ExposedAsync(Prototype.Address.Port, stop) };
}
