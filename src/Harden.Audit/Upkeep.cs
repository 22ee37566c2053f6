using System.Security.Cryptography;
using Harden.Audit.Retention;

namespace Harden.Audit;

/// <summary>
/// What is done about files that are closed: once after the start, the tails of boots that crashed are signed for; now and then, holds are put on
/// record and retention deletes. Never twice at once, and apart from the writer: reading a segment through takes a while.
/// </summary>
internal sealed class Upkeep(LogDirectory directory, ECDsa key, AuditLogOptions options, TimeProvider time, AuditLogObserver observer, Func<AuditNotice, ValueTask<bool>> tell) : IDisposable
{
    private readonly Lock gate = new();
    private readonly RetentionPass retention = new(directory.Path, directory.LogId, key, options.Retention ?? (static () => RetentionLimits.None), time, tell);
    private ITimer? timer;
    private Task running = Task.CompletedTask;
    private string told = "";

    /// <summary>Begins.</summary>
    /// <param name="boot">Ordinal of the boot that is being written.</param>
    public void Start(int boot)
    {
        running = RunAsync(() => new CrashTail(directory.Path, key, time, tell).RunAsync(boot));
        timer = time.CreateTimer(static self => ((Upkeep)self!).Retain(), this, options.Tick, options.RetentionEvery);
    }

    /// <summary>Ends when what is running has ended; a hung disk is waited for no longer than the stall limit.</summary>
    public void Dispose()
    {
        timer?.Dispose();
        Task task;
        lock (gate)
            task = running;
        if (task.Wait(options.StallLimit))
            key.Dispose();
    }

    private void Retain()
    {
        lock (gate)
        {
            if (running.IsCompleted)
                running = RunAsync(retention.RunAsync);
        }
    }

    private async Task RunAsync(Func<Task> work)
    {
        await Task.Yield();
        try
        {
            await work();
            told = "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AuditLogException)
        {
            if (told == e.Message)
                return;
            told = e.Message; // tried again each time; said once
            observer.Noticed?.Invoke(new() { Reason = "upkeep-failed", Detail = $"Nothing is deleted and crashes are not closed: {e.Message}" });
        }
    }
}
