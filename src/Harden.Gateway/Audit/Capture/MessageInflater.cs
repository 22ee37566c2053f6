using System.IO.Compression;

namespace Harden.Gateway.Audit.Capture;

/// <summary>
/// Reads the messages of one direction that permessage-deflate has compressed (RFC 7692). Each may refer to what the ones before it said, so all of them are
/// read, also those that nobody wants the text of. Locked, because the other half of a tunnel may still be running when it is given up.
/// </summary>
/// <param name="sink">Gets what was read, piece by piece; false if nothing more is wanted.</param>
internal sealed class MessageInflater(MessageInflater.Sink sink) : IDisposable
{
    /// <summary>What one takes, in bytes: the window of 32 KiB and what belongs to it.</summary>
    public const int Memory = 64 * 1024;

    private readonly Lock gate = new();
    private readonly byte[] plain = new byte[4096];
    private readonly Packed packed = new();
    private DeflateStream? stream;
    private bool disposed;

    /// <summary>Gets a piece of a message.</summary>
    /// <param name="plain">What it is; may be changed.</param>
    public delegate bool Sink(Span<byte> plain);

    /// <summary>Reads on in a message.</summary>
    /// <param name="piece">What comes next of it, compressed.</param>
    /// <param name="ends">The message ends with it.</param>
    /// <returns>False if it is nothing that can be read, or nothing more is wanted: what follows can't be read either then.</returns>
    public bool Read(ReadOnlySpan<byte> piece, bool ends)
    {
        lock (gate)
        {
            if (disposed || !Inflate(piece))
                return false;
            return !ends || Inflate([0, 0, 0xff, 0xff]); // which the sender leaves out, section 7.2.2
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            stream?.Dispose();
            stream = null;
            plain.AsSpan().Clear(); // what people wrote stays in memory no longer than need be
        }
    }

    private bool Inflate(ReadOnlySpan<byte> piece)
    {
        packed.Give(piece);
        try
        {
            stream ??= new(packed, CompressionMode.Decompress, leaveOpen: true);
            int read;
            while ((read = stream.Read(plain)) > 0)
            {
                if (!sink(plain.AsSpan(0, read)))
                    return false;
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return false;
        }
        if (!packed.IsEmpty)
        {
            // A last block: nothing behind it is read, and what follows begins anew (section 7.2.3.5).
            stream.Dispose();
            stream = null;
            packed.Give(default);
        }
        return true;
    }

    /// <summary>What is there to be read: no more means not yet, never the end.</summary>
    private sealed class Packed : Stream
    {
        private byte[] bytes = new byte[1024];
        private int from;
        private int to;

        public bool IsEmpty => from == to;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Give(ReadOnlySpan<byte> piece)
        {
            if (bytes.Length < piece.Length)
                bytes = new byte[piece.Length];
            piece.CopyTo(bytes);
            (from, to) = (0, piece.Length);
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = Math.Min(count, to - from);
            bytes.AsSpan(from, read).CopyTo(buffer.AsSpan(offset));
            from += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
