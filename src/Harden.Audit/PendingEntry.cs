using System.Buffers;
using System.Text.Json;
using System.Threading.Tasks.Sources;
using Harden.Audit.Bodies;

namespace Harden.Audit;

/// <summary>
/// An entry on its way to the disk: the buffer it is drafted in and the wait for its durability, both reused, so that an entry
/// allocates nothing. Rented from <see cref="AuditLog.Rent"/>; whoever appends it must not touch it afterwards.
/// </summary>
internal sealed class PendingEntry : IBufferWriter<byte>, IValueTaskSource<bool>, IThreadPoolWorkItem, IDisposable
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true }; // the default encoder leaves only inert ASCII
    private readonly AuditLog log;
    private byte[] buffer = new byte[2048];
    private readonly (SealedBody? Body, int RefAt)[] bodies = new (SealedBody?, int)[2];
    private int length;
    private ManualResetValueTaskSourceCore<bool> done; // what waits for it runs on the thread that completes it

    internal PendingEntry(AuditLog log)
    {
        this.log = log;
        Json = new(this, Options);
    }

    /// <summary>Writes the entry: one object whose first member is <c>stage</c>.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Body => buffer.AsSpan(0, length);

    /// <summary>Its appender waits for it to be durable.</summary>
    internal bool Awaited { get; set; }

    /// <summary>The wait was ended while the writer still has the entry, so it is not reused.</summary>
    internal bool Abandoned { get; private set; }

    /// <summary>How many bodies are attached.</summary>
    internal int BodyCount { get; private set; }

    /// <summary>Bytes on disk, about.</summary>
    internal int Weight { get; private set; }

    /// <summary>
    /// Writes members <c>hmac</c> and <c>ref</c> of a sealed body into the object that <see cref="Json"/> is in, and takes the body over. After
    /// <see cref="Clear"/> the same body may be attached again.
    /// </summary>
    public void Attach(SealedBody body)
    {
        Json.WriteString("hmac"u8, body.Hash);
        Json.WriteString("ref"u8, BodyRef.Blank);
        Json.Flush();
        bodies[BodyCount++] = (body, length - 1 - BodyRef.Length);
        Weight += body.Length;
    }

    /// <summary>Fills in where a body will lie.</summary>
    internal ReadOnlyMemory<byte> PlaceBody(int at, BodyRef place)
    {
        place.Write(buffer.AsSpan(bodies[at].RefAt));
        return bodies[at].Body!.Frame;
    }

    /// <summary>Gives the bodies back: they are written, or never will be.</summary>
    internal void ReleaseBodies()
    {
        for (; BodyCount > 0; BodyCount--)
        {
            bodies[BodyCount - 1].Body!.Return();
            bodies[BodyCount - 1] = default;
        }
        Weight = 0;
    }

    /// <summary>Starts again.</summary>
    public void Clear()
    {
        length = 0;
        BodyCount = 0;
        Weight = 0;
        Json.Reset();
    }

    internal void Reset()
    {
        if (buffer.Length > 16 * 1024)
            buffer = new byte[2048]; // one huge request must not make the pool huge
        ReleaseBodies();
        Clear();
        Awaited = false;
        done.Reset();
    }

    internal ValueTask<bool> Wait() => new(this, done.Version);

    /// <summary>Tells the appender, on this thread, that it is durable: what waits for it goes on here.</summary>
    internal void Complete() => done.SetResult(true);

    /// <summary>Tells the appender, on a thread of the pool, that it will not be durable.</summary>
    internal void Refuse() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Ends the wait, if there is one, while the writer still has the entry.</summary>
    internal void AbandonIfAwaited()
    {
        if (!Awaited || Abandoned)
            return;
        Abandoned = true;
        Refuse();
    }

    void IThreadPoolWorkItem.Execute() => done.SetResult(false);

    public void Advance(int count) => length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var need = length + Math.Max(sizeHint, 256);
        if (need > buffer.Length)
            Array.Resize(ref buffer, Math.Max(need, buffer.Length * 2));
        return buffer.AsMemory(length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        var durable = done.GetResult(token);
        if (!Abandoned)
            log.Return(this);
        return durable;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => done.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        done.OnCompleted(continuation, state, token, flags);

    public void Dispose() => Json.Dispose();
}
