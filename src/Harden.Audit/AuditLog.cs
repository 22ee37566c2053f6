using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Harden.Audit;

/// <summary>
/// The log on disk: segments of one JSON line an entry, one writer, group-committed. Appending is for any thread; a bounded queue
/// stands between, and nothing is dropped silently: what can't be kept is counted, and the count becomes an entry.
/// </summary>
internal sealed class AuditLog : IDisposable
{
    private const int PoolSize = 1024;

    private readonly ConcurrentQueue<PendingEntry> pool = new();
    private readonly Channel<PendingEntry> queue;
    private readonly LogWriter writer;
    private readonly AuditLogOptions options;
    private readonly TimeProvider time;
    private readonly Upkeep? upkeep;

    private AuditLog(LogDirectory directory, AuditLogOptions options, TimeProvider time, AuditLogObserver observer)
    {
        (this.options, this.time) = (options, time);
        queue = Channel.CreateBounded<PendingEntry>(options.QueueLength);
        writer = new(this, queue.Reader, directory, options, time, observer);
        if (options.SigningKey is { } key)
            upkeep = new(directory, CheckpointKey.Open(key), options, time, observer, TellAsync);
    }

    /// <summary>Opens the log: takes the lock, repairs what a crash tore, begins a boot of its own.</summary>
    /// <exception cref="AuditLogException">It can't be written, and why.</exception>
    public static AuditLog Open(string directory, AuditLogOptions? options = null, TimeProvider? time = null, AuditLogObserver? observer = null)
    {
        options ??= new();
        var log = new AuditLog(LogDirectory.Open(directory), options, time ?? TimeProvider.System, observer ?? new());
        var boot = log.writer.Start();
        log.upkeep?.Start(boot);
        return log;
    }

    /// <summary>Id of the boot that is being written.</summary>
    public string BootId => writer.BootId;

    /// <summary>The place of the next entry to become durable: all before it are.</summary>
    public LogPlace Durable => writer.Durable;

    /// <summary>Whether it can be written.</summary>
    public LogState State => writer.State;

    /// <summary>A sentence that says why it can't be written; empty if it can.</summary>
    public string Trouble => writer.Trouble;

    /// <summary>It can't be written because the disk is full.</summary>
    public bool IsFull => writer.IsFull;

    /// <summary>An empty entry to draft.</summary>
    public PendingEntry Rent() => pool.TryDequeue(out var entry) ? entry : new(this);

    /// <summary>Appends, and waits for durability.</summary>
    /// <returns>True once the entry is durable; false if it can't be: <see cref="Trouble"/> says why.</returns>
    public ValueTask<bool> AppendAsync(PendingEntry entry)
    {
        if (writer.State != LogState.Healthy)
        {
            Return(entry);
            return new(false);
        }
        entry.Awaited = true;
        if (!queue.Writer.TryWrite(entry))
            return AppendSlowlyAsync(entry);
        writer.Wake(urgent: true);
        return entry.Wait();
    }

    /// <summary>Appends without waiting for durability, which comes within <see cref="AuditLogOptions.Linger"/>; waits only while the queue is full.</summary>
    public ValueTask AppendLaterAsync(PendingEntry entry)
    {
        if (!queue.Writer.TryWrite(entry))
            return AppendLaterSlowlyAsync(entry);
        writer.Wake(urgent: false);
        return default;
    }

    /// <summary>Writes what is queued, then the boot's last entry, and gives the lock back.</summary>
    public void Dispose()
    {
        upkeep?.Dispose();
        queue.Writer.TryComplete();
        writer.Stop();
        while (pool.TryDequeue(out var entry))
            entry.Dispose();
    }

    /// <summary>Writes what the log says of itself.</summary>
    private ValueTask<bool> TellAsync(AuditNotice notice)
    {
        var entry = Rent();
        NoticeEntry.Write(entry.Json, EntryStage.Notice, notice, time);
        return AppendAsync(entry);
    }

    internal void Return(PendingEntry entry)
    {
        entry.Reset();
        if (pool.Count < PoolSize)
            pool.Enqueue(entry);
    }

    private async ValueTask<bool> AppendSlowlyAsync(PendingEntry entry)
    {
        if (!await EnqueueAsync(entry))
            return false;
        return await entry.Wait();
    }

    private async ValueTask AppendLaterSlowlyAsync(PendingEntry entry)
    {
        if (!await EnqueueAsync(entry))
            writer.CountLost();
    }

    private async ValueTask<bool> EnqueueAsync(PendingEntry entry)
    {
        writer.Wake(urgent: true);
        using var limit = new CancellationTokenSource(options.StallLimit);
        try
        {
            await queue.Writer.WriteAsync(entry, limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            Return(entry);
            return false;
        }
        writer.Wake(urgent: true);
        return true;
    }
}
