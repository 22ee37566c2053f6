using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Harden.Gateway.Audit.Capture;

/// <summary>The response body, seen on whichever of its ways it is written.</summary>
internal sealed class TapResponse(IHttpResponseBodyFeature inner, BodyTap tap) : IHttpResponseBodyFeature
{
    private TapStream? stream;
    private TapWriter? writer;

    /// <summary>What was in place before.</summary>
    public IHttpResponseBodyFeature Inner => inner;

    public Stream Stream => stream ??= new(inner.Stream, null, tap);

    public PipeWriter Writer => writer ??= new(inner.Writer, tap);

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    public Task CompleteAsync() => inner.CompleteAsync();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        tap.Pass(count ?? (new FileInfo(path).Length - offset));
        return inner.SendFileAsync(path, offset, count, cancellationToken);
    }

    private sealed class TapWriter(PipeWriter inner, BodyTap tap) : PipeWriter
    {
        private Memory<byte> room;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            tap.Pass(room.Span[..Math.Min(bytes, room.Length)]); // more than there was room for is for the writer below to refuse
            room = room[Math.Min(bytes, room.Length)..];
            inner.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => room = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            tap.Pass(source.Span);
            return inner.WriteAsync(source, cancellationToken);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
