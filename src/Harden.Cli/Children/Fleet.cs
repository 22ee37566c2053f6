using Harden.Cli.Supervise;

namespace Harden.Cli.Children;

/// <summary>All children of one run.</summary>
internal sealed class Fleet(LogOutput output, TimeProvider time, CancellationToken kill) : IAsyncDisposable
{
    private readonly List<(Child Child, Keeper Keeper)> children = [];
    private readonly Supervisors supervisors = new();

    /// <summary>Starts a child and keeps it running.</summary>
    public Keeper Start(ChildSpec spec)
    {
        var child = new Child(spec, output, supervisors);
        var keeper = new Keeper(child, output, time);
        children.Add((child, keeper));
        return keeper.Start(kill);
    }

    /// <summary>Completes when all of the tasks have, or fails as soon as one of them or one of the children does.</summary>
    public async Task WhenAllAsync(params Task[] tasks)
    {
        List<Task> open = [.. tasks];
        while (open.Count > 0)
        {
            var done = await Task.WhenAny([.. open, .. children.Select(static child => child.Keeper.Running)]);
            await done;
            open.Remove(done);
        }
    }

    /// <summary>Stops the last one started first, the gateway, so that what is under way can still be answered; then all others.</summary>
    public async ValueTask DisposeAsync()
    {
        if (children.Count > 0)
            await children[^1].Keeper.StopAsync();
        await Task.WhenAll(children.Select(static child => child.Keeper.StopAsync()));
        foreach (var (_, keeper) in children)
            keeper.Dispose();
        supervisors.Dispose();
    }
}
