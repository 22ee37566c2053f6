namespace Harden.Audit.Retention;

/// <summary>Runs retention now and then, never twice at once, and apart from the writer: reading a segment through takes a while.</summary>
internal sealed class RetentionTimer(RetentionPass pass, AuditLogOptions options, TimeProvider time, AuditLogObserver observer) : IDisposable
{
    private readonly Lock gate = new();
    private ITimer? timer;
    private Task running = Task.CompletedTask;
    private string told = "";

    /// <summary>Begins, with a first pass soon.</summary>
    public void Start() => timer = time.CreateTimer(static self => ((RetentionTimer)self!).Run(), this, options.Tick, options.RetentionEvery);

    /// <summary>Ends when a pass that is running has ended; a hung disk is waited for no longer than the stall limit.</summary>
    public void Dispose()
    {
        timer?.Dispose();
        Task task;
        lock (gate)
            task = running;
        if (task.Wait(options.StallLimit))
            pass.Dispose();
    }

    private void Run()
    {
        lock (gate)
        {
            if (running.IsCompleted)
                running = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        try
        {
            await pass.RunAsync();
            told = "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AuditLogException)
        {
            if (told == e.Message)
                return;
            told = e.Message; // tried again each time; said once
            observer.Noticed?.Invoke(new() { Reason = "retention-failed", Detail = $"Nothing is deleted: {e.Message}" });
        }
    }
}
