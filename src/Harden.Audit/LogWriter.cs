using System.Threading.Channels;
using Harden.Audit.Bodies;

namespace Harden.Audit;

/// <summary>
/// The one thread that writes. It takes what is queued, frames it, writes it in one piece and makes it durable with one fdatasync;
/// while that runs the next batch gathers. A thread of its own, because fdatasync blocks and the pool has few.
/// </summary>
internal sealed class LogWriter
{
    private const int MaxBatchBytes = 768 * 1024; // one fdatasync of more than 1 MiB costs several times as much

    private readonly AuditLog log;
    private readonly ChannelReader<PendingEntry> queue;
    private readonly AuditLogOptions options;
    private readonly AuditLogObserver observer;
    private readonly TimeProvider time;
    private readonly LogTail tail;
    private readonly Thread thread;
    private readonly Lock gate = new(); // between this thread and the watchdog, taken twice a batch
    private readonly WakeSignal wake = new();
    private readonly GroupCommit commits;
    private readonly List<PendingEntry> batch = [];
    private readonly Queue<PendingEntry> kept = new(); // waits for the disk to recover; nobody waits for them
    private readonly BodyGather bodies = new();
    private readonly ITimer watchdog;
    private readonly Func<bool> more;
    private volatile LogState state;
    private volatile string trouble = "";
    private volatile bool full;
    private int batchBytes;
    private long diskSince; // when the present use of the disk began; 0 while there is none
    private long lost, nextTick;
    private volatile bool stopping;

    public LogWriter(AuditLog log, ChannelReader<PendingEntry> queue, LogDirectory directory, AuditLogOptions options, TimeProvider time, AuditLogObserver observer)
    {
        (this.log, this.queue, this.options, this.time, this.observer) = (log, queue, options, time, observer);
        tail = new(directory, options, time, observer.Signed);
        commits = new(TimeProvider.System);
        more = () => queue.TryPeek(out _);
        thread = new(Run) { Name = "audit log", IsBackground = true };
        watchdog = time.CreateTimer(static writer => ((LogWriter)writer!).Watch(), this, options.Tick, options.Tick);
    }

    public LogState State => state;
    public string Trouble => trouble;
    public bool IsFull => full && state is (LogState.Full or LogState.Failed);
    public string BootId => tail.BootId;
    public LogPlace Durable => tail.Durable;

    /// <summary>Begins a boot and starts the thread.</summary>
    /// <returns>Ordinal of the boot.</returns>
    /// <exception cref="AuditLogException">The first entry can't be written.</exception>
    public int Start()
    {
        try
        {
            if (tail.Begin(tail.StartNotice()) is { } torn)
                observer.Noticed?.Invoke(torn);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            watchdog.Dispose();
            tail.Dispose();
            throw new AuditLogException($"The audit log can't be written: {e.Message}", e);
        }
        var boot = tail.Boot;
        thread.Start();
        return boot;
    }

    /// <summary>Tells the thread that there is something to write.</summary>
    /// <param name="urgent">Somebody waits for it.</param>
    public void Wake(bool urgent) => wake.Signal(urgent);

    /// <summary>Counts an entry that could not be kept; the count becomes an entry.</summary>
    public void CountLost()
    {
        Interlocked.Increment(ref lost);
        observer.Lost?.Invoke();
    }

    /// <summary>Ends the thread after it has written what is queued. A hung disk is waited for no longer than twice the stall limit.</summary>
    public void Stop()
    {
        stopping = true;
        wake.Signal(urgent: true);
        if (thread.IsAlive)
            thread.Join(options.StallLimit * 2);
        watchdog.Dispose();
    }

    private void Run()
    {
        nextTick = time.GetTimestamp();
        while (true)
        {
            var closed = stopping; // read before the queue: what is queued later than this is seen in the next round
            Collect();
            if (batch.Count > 0)
                Flush();
            if (time.GetTimestamp() >= nextTick)
                Tick();
            if (closed && batch.Count == 0 && !queue.TryPeek(out _) && (kept.Count == 0 || state is LogState.Failed))
                break;
        }
        End();
    }

    /// <summary>Gathers a batch: at once if somebody waits, else when the oldest has lingered long enough.</summary>
    private void Collect()
    {
        var deadline = Math.Min(nextTick, bodies.Due);
        var waiting = 0;
        batchBytes = 0;
        while (true)
        {
            while (batchBytes + bodies.Bytes < MaxBatchBytes && TryTake(out var entry))
            {
                var bytes = entry.Body.Length + entry.Weight + 256;
                var lingers = time.GetTimestamp() + Ticks(options.Linger);
                deadline = batch.Count == 0 ? Math.Min(deadline, lingers) : deadline;
                if (bodies.TryTake(entry, bytes, lingers))
                    continue;
                batch.Add(entry);
                batchBytes += bytes;
                waiting += entry.Awaited ? 1 : 0;
            }
            var full = batchBytes + bodies.Bytes >= MaxBatchBytes;
            if (waiting > 0 && !full && !stopping && commits.Gather())
                continue;
            var now = time.GetTimestamp();
            var withBodies = full || stopping || now >= bodies.Due;
            if (withBodies)
                batchBytes += bodies.MoveTo(state is LogState.Healthy or LogState.Full ? batch.Add : Refuse); // the disk may have failed since they were taken in
            if (waiting > 0 || withBodies || now >= deadline)
            {
                commits.Begin(waiting);
                return;
            }
            wake.Wait(TimeSpan.FromSeconds((double)(deadline - now) / time.TimestampFrequency), onlyUrgent: batch.Count > 0 || bodies.Bytes > 0, more);
        }
    }

    // While the disk fails, the queue is still emptied: who waits is told no, the rest is kept as far as there is room.
    private bool TryTake(out PendingEntry entry)
    {
        if (state is LogState.Healthy or LogState.Full && kept.TryDequeue(out entry!))
            return true;
        while (queue.TryRead(out entry!))
        {
            if (state == LogState.Healthy || (state == LogState.Full && !entry.Awaited))
                return true;
            Refuse(entry);
        }
        return false;
    }

    private void Flush()
    {
        BeginDisk();
        IOException? error = null;
        try
        {
            if (tail.Append(batch) is { } mended)
                observer.Noticed?.Invoke(mended);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AuditLogException)
        {
            error = e as IOException ?? new IOException(e.Message, e);
            Fail(error); // before anybody is told no, so that they can be told why
        }
        DurableEntries? durable;
        lock (gate)
        {
            var took = EndDisk();
            durable = error is null ? DurableEntries.Of(batch) : null;
            if (error is null)
                observer.Flushed?.Invoke(batch.Count, batchBytes, took);
            foreach (var entry in batch)
            {
                if (error is not null)
                    Refuse(entry);
                else if (!entry.Awaited)
                    log.Return(entry);
                else if (entry.Abandoned)
                    entry.ReleaseBodies();
            }
            batch.Clear();
        }
        durable?.Tell();
        if (error is null)
            tail.RotateIfDue();
    }

    private void BeginDisk()
    {
        lock (gate)
            diskSince = time.GetTimestamp();
    }

    private TimeSpan EndDisk()
    {
        var took = time.GetElapsedTime(diskSince);
        diskSince = 0;
        if (state == LogState.Stalled)
            Recover();
        return took;
    }

    private void Refuse(PendingEntry entry)
    {
        if (entry.Abandoned)
            entry.ReleaseBodies();
        else if (entry.Awaited)
            entry.Refuse();
        else if (kept.Count < options.QueueLength)
            kept.Enqueue(entry);
        else
        {
            log.Return(entry);
            CountLost();
        }
    }

    private void Fail(IOException error)
    {
        full = Disk.IsFull(error);
        trouble = full ? "The disk of the audit log is full: free some space." : $"The audit log can't be written: {error.Message}";
        state = full && state == LogState.Healthy && tail.ReleaseReserve() ? LogState.Full : LogState.Failed;
        observer.Failed?.Invoke(full ? "disk-full" : "write-failed", trouble);
    }

    private void Recover()
    {
        state = LogState.Healthy;
        trouble = "";
        observer.Recovered?.Invoke();
    }

    private void Tick()
    {
        nextTick = time.GetTimestamp() + Ticks(options.Tick);
        BeginDisk();
        try
        {
            if (state == LogState.Healthy && tail.Inspect() is { } found)
                observer.Noticed?.Invoke(found);
            if (state is LogState.Failed or LogState.Full && tail.TryReopen(trouble))
                Recover();
            if (state == LogState.Healthy && Interlocked.Exchange(ref lost, 0) is > 0 and var count && !tail.TryTellLost(count))
                Interlocked.Add(ref lost, count);
            if (state == LogState.Healthy)
                tail.RotateIfDue();
            if (state is LogState.Healthy or LogState.Full && tail.Checkpoint() is { } unsigned)
                observer.Noticed?.Invoke(unsigned);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AuditLogException)
        {
            Fail(e as IOException ?? new IOException(e.Message, e));
        }
        finally
        {
            lock (gate)
                EndDisk();
        }
    }

    /// <summary>Runs on a timer's thread. If the disk hangs, nobody who waits must hang with it.</summary>
    private void Watch()
    {
        lock (gate)
        {
            if (diskSince == 0 || time.GetElapsedTime(diskSince) < options.StallLimit)
                return;
            if (state != LogState.Stalled)
            {
                state = LogState.Stalled;
                trouble = "The disk of the audit log does not answer.";
                observer.Failed?.Invoke("stalled", trouble);
            }
            foreach (var entry in batch)
                entry.AbandonIfAwaited();
            while (queue.TryRead(out var entry))
                Refuse(entry);
        }
    }

    private void End()
    {
        state = LogState.Closed;
        trouble = "The gateway is stopping.";
        tail.End(lost + kept.Count);
        tail.Dispose();
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
