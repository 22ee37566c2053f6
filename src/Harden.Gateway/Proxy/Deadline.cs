namespace Harden.Gateway.Proxy;

/// <summary>
/// Ends a forwarding whose answer does not begin in time. It stands still while the client is the one waited for, and is over once
/// the answer has begun: a stream may be silent for as long as it likes. Pooled, because a timer for each request is dear.
/// </summary>
internal sealed class Deadline(TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource source = new(Timeout.InfiniteTimeSpan, time);
    private readonly Lock gate = new(); // the upload runs beside the answer
    private TimeSpan limit;
    private bool running;

    /// <summary>Cancelled when the time is up.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>True if the time was up.</summary>
    public bool Expired => source.IsCancellationRequested;

    /// <summary>Starts, or starts again.</summary>
    public void Start(TimeSpan length)
    {
        lock (gate)
        {
            limit = length;
            running = true;
            source.CancelAfter(limit);
        }
    }

    /// <summary>It is the client's turn.</summary>
    public void Pause() => Set(Timeout.InfiniteTimeSpan);

    /// <summary>It is the prototype's turn, with the full time.</summary>
    public void Resume() => Set(limit);

    /// <summary>The answer has begun.</summary>
    public void Stop()
    {
        lock (gate)
        {
            running = false;
            source.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Makes it ready for another request; false if it can't be.</summary>
    public bool TryReset()
    {
        Stop();
        return source.TryReset();
    }

    public void Dispose() => source.Dispose();

    private void Set(TimeSpan length)
    {
        lock (gate)
        {
            if (running)
                source.CancelAfter(length);
        }
    }
}
