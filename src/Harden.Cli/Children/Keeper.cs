using Harden.Gateway.Configuration;

namespace Harden.Cli.Children;

/// <summary>Keeps one child running: waits until it is ready, starts it again when it crashes, gives up where that can't help.</summary>
internal sealed class Keeper(Child child, LogOutput output, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100), Remind = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stop = new();
    private volatile bool wasReady;

    /// <summary>What it wrote last, oldest first.</summary>
    public string[] LastLines => child.LastLines;

    /// <summary>Completes when the child was stopped; fails with a <see cref="HostProblem"/> when it can't be kept running.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Starts it.</summary>
    /// <param name="kill">Ends it at once.</param>
    public Keeper Start(CancellationToken kill)
    {
        Running = KeepAsync(kill);
        return this;
    }

    /// <summary>Stops it in an orderly way and returns when neither it nor anything it started is left.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Running.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    /// <summary>Waits until the probe succeeds. Throws a <see cref="HostProblem"/> if the child ends before that.</summary>
    /// <param name="probe">Whether it is ready.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <param name="hint">What may be wrong, told while waiting.</param>
    /// <returns>False if the time is over.</returns>
    public async Task<bool> WaitUntilReadyAsync(Func<CancellationToken, Task<bool>> probe, TimeSpan timeout, CancellationToken cancel, Func<Task<string>>? hint = null)
    {
        var (started, reminders) = (time.GetTimestamp(), 1);
        while (!await probe(cancel))
        {
            if (Running.IsCompleted)
                await Running;
            cancel.ThrowIfCancellationRequested();
            var waited = time.GetElapsedTime(started);
            if (waited > timeout)
                return false;
            if (waited > Remind * reminders)
            {
                reminders++;
                output.Line("harden", $"still waiting for {child.Spec.Name}, {waited.TotalSeconds:0} s. {(hint is null ? "" : await hint())}".TrimEnd());
            }
            await Task.WhenAny(Running, Task.Delay(Poll, time, cancel));
        }
        wasReady = true;
        output.Line("harden", $"{child.Spec.Name} is ready ({time.GetElapsedTime(started).TotalSeconds:0.0} s).");
        return true;
    }

    public void Dispose() => stop.Dispose();

    private async Task KeepAsync(CancellationToken kill)
    {
        var backoff = new Backoff();
        while (true)
        {
            var started = time.GetTimestamp();
            var code = await child.RunAsync(stop.Token, kill);
            if (stop.IsCancellationRequested || kill.IsCancellationRequested)
                return;
            if (code == ConfigurationException.ExitCode && child.Spec.Name == "gateway")
                throw new HostProblem("The gateway refused its configuration; starting it again would change nothing.\n" + string.Join('\n', child.LastLines), code);
            if (!wasReady)
                throw new HostProblem(EndedTooSoon(code));
            var wait = backoff.After(time.GetElapsedTime(started));
            output.Line("harden", $"{child.Spec.Name} ended with exit code {code} and is started again in {wait.TotalSeconds:0.#} s.{(child.Spec.IsQuiet ? " " + Quote(child.LastLines) : "")}");
            if (!await DelayAsync(wait))
                return;
        }
    }

    private async Task<bool> DelayAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, time, stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private string EndedTooSoon(int code) => $"{child.Spec.Title} ended with exit code {code} before {child.Spec.Aim}. {(child.Spec.Hint.Length > 0 ? child.Spec.Hint + " " : "")}{Quote(child.LastLines)}";

    /// <summary>A child's last lines, indented, behind a sentence.</summary>
    public static string Quote(string[] lines) =>
        lines.Length == 0 ? "It wrote nothing." : "Its last lines:\n" + string.Join('\n', lines.Select(static line => "    " + line));
}
