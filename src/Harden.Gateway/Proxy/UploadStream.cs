namespace Harden.Gateway.Proxy;

/// <summary>A request body on its way to the prototype; stops the <see cref="Deadline"/> while the client has nothing to give.</summary>
internal sealed class UploadStream(Stream inner, Deadline deadline) : Stream
{
    /// <summary>True once the client has sent everything.</summary>
    public bool Ended { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully ? new(Took(read.Result, buffer.Length)) : WaitAsync(read, buffer.Length);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    private async ValueTask<int> WaitAsync(ValueTask<int> read, int wanted)
    {
        deadline.Pause();
        return Took(await read, wanted);
    }

    private int Took(int read, int wanted)
    {
        if (wanted == 0)
            return read; // a zero-byte read only asks whether there is something
        Ended |= read == 0;
        deadline.Resume();
        return read;
    }
}
