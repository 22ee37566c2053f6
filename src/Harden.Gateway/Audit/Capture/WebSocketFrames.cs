using System.Buffers.Binary;

namespace Harden.Gateway.Audit.Capture;

/// <summary>
/// Counts the WebSocket frames of one direction (RFC 6455) and keeps the text that is wanted, unmasked. What is no frame is counted and
/// never looked at again; whatever comes, the tunnel goes on.
/// </summary>
/// <param name="fromClient">The direction, whose frames must be masked; the other's must not.</param>
/// <param name="ending">Who closed first, shared by both directions.</param>
internal sealed class WebSocketFrames(bool fromClient, TunnelEnding ending) : IFrameReader, IDisposable
{
    /// <summary>Stands before each message that is kept; in a message itself it becomes a space.</summary>
    public const byte Separator = 0x1e;

    // Compressed messages of which nothing is kept have to be read too, and a few bytes may stand for a thousand times as many.
    private const int MostUnkept = 4 * 1024 * 1024;

    private readonly byte[] header = new byte[14];
    private int headerLength;
    private long left;
    private long position;
    private bool inPayload;
    private bool inMessage;
    private bool isText;
    private bool isKept;
    private bool isCompressed;
    private bool broken;
    private MessageInflater? inflater;
    private int unkept;

    /// <summary>Frames by kind. Fragments after a message's first are continuations.</summary>
    public long Text { get; private set; }

    public long Binary { get; private set; }

    public long Continuation { get; private set; }

    public long Close { get; private set; }

    public long Ping { get; private set; }

    public long Pong { get; private set; }

    /// <summary>Messages that permessage-deflate (RFC 7692) has compressed.</summary>
    public long Compressed { get; private set; }

    /// <summary>Bytes of payload.</summary>
    public long Payload { get; private set; }

    /// <summary>Bytes that are no frames.</summary>
    public long Unparsed { get; private set; }

    /// <summary>The code of the first close frame; 0 if there was none or it gave none.</summary>
    public int CloseCode { get; private set; }

    /// <summary>Where text is kept; null if it isn't.</summary>
    public CaptureBuffer? Capture { get; init; }

    private int Opcode => header[0] & 0x0f;

    private bool IsFinal => (header[0] & 0x80) != 0;

    private bool IsMasked => (header[1] & 0x80) != 0;

    public void Read(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            if (broken)
            {
                Unparsed += piece.Length;
                return;
            }
            if (inPayload)
            {
                var take = (int)Math.Min(left, piece.Length);
                Take(piece[..take]);
                left -= take;
                piece = piece[take..];
                inPayload = left > 0;
                EndFrame();
                continue;
            }
            header[headerLength++] = piece[0];
            piece = piece[1..];
            if (headerLength == HeaderSize())
                Begin();
        }
    }

    private int HeaderSize() => headerLength < 2 ? 2 : 2 + ((header[1] & 0x7f) switch { 126 => 2, 127 => 8, _ => 0 }) + (IsMasked ? 4 : 0);

    private void Begin()
    {
        if (IsMalformed())
        {
            broken = true;
            Unparsed += headerLength;
            return;
        }
        left = (header[1] & 0x7f) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)),
            127 => BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(2)),
            var length => length,
        };
        Payload += left;
        position = 0;
        Count();
        if (IsMasked)
            header.AsSpan(headerLength - 4, 4).CopyTo(header.AsSpan(10)); // where the mask is looked for
        headerLength = 0;
        inPayload = left > 0;
        EndFrame();
    }

    public void Dispose() => inflater?.Dispose();

    private bool IsMalformed() =>
        (header[0] & 0x30) != 0 || Opcode is (> 2 and < 8) or > 10
        || IsMasked != fromClient
        || (Opcode >= 8 && (!IsFinal || (header[1] & 0x7f) > 125 || (header[0] & 0x40) != 0))
        || (Opcode == 0) != inMessage && Opcode < 8
        || ((header[1] & 0x7f) == 127 && (header[2] & 0x80) != 0);

    private void Count()
    {
        switch (Opcode)
        {
            case 0:
                Continuation++;
                break;
            case 1:
                Text++;
                break;
            case 2:
                Binary++;
                break;
            case 8:
                Close++;
                ending.Closed(fromClient);
                return;
            case 9:
                Ping++;
                return;
            default:
                Pong++;
                return;
        }
        if (Opcode != 0)
        {
            isCompressed = (header[0] & 0x40) != 0;
            Compressed += isCompressed ? 1 : 0;
            isText = Opcode == 1;
            isKept = false;
        }
        inMessage = !IsFinal;
    }

    private void Take(ReadOnlySpan<byte> payload)
    {
        if (Opcode == 8 && Close == 1 && position < 2)
        {
            for (var i = 0; i < payload.Length && position + i < 2; i++)
                CloseCode = (CloseCode << 8) | Unmasked(payload[i], position + i);
        }
        else if (Opcode < 8 && (isText || isCompressed) && Capture is { Truncated: false } capture)
        {
            Span<byte> plain = stackalloc byte[512];
            for (var done = 0; done < payload.Length && !capture.Truncated; done += plain.Length)
            {
                var part = payload.Slice(done, Math.Min(plain.Length, payload.Length - done));
                for (var i = 0; i < part.Length; i++)
                    plain[i] = Unmasked(part[i], position + done + i);
                if (isCompressed)
                    Inflate(plain[..part.Length], capture, ends: false);
                else
                    Keep(plain[..part.Length], capture);
            }
        }
        position += payload.Length;
    }

    private void EndFrame()
    {
        if (inPayload || Opcode >= 8 || !IsFinal || !isCompressed)
            return;
        if (Capture is { Truncated: false } capture)
            Inflate([], capture, ends: true);
        isCompressed = false;
        if (Capture is not { Truncated: false })
            Dispose();
    }

    private void Inflate(ReadOnlySpan<byte> piece, CaptureBuffer capture, bool ends)
    {
        if (inflater is null && capture.TryCharge(MessageInflater.Memory))
            inflater = new(Inflated);
        if (inflater is null || !inflater.Read(piece, ends))
            capture.BreakOff(); // what follows can't be read without it
    }

    private bool Inflated(Span<byte> plain)
    {
        if (isText)
            Keep(plain, Capture!);
        else
            unkept += plain.Length;
        return !Capture!.Truncated && unkept <= MostUnkept;
    }

    private void Keep(Span<byte> plain, CaptureBuffer capture)
    {
        if (!isKept)
            capture.Append([Separator]);
        isKept = true;
        plain.Replace(Separator, (byte)' ');
        capture.Append(plain);
    }

    private byte Unmasked(byte b, long at) => IsMasked ? (byte)(b ^ header[10 + (int)(at & 3)]) : b;
}

/// <summary>Who closed a tunnel first.</summary>
internal sealed class TunnelEnding
{
    private int first;

    /// <summary><c>client</c> or <c>prototype</c>; null if neither said that it closes.</summary>
    public string? By => Volatile.Read(ref first) switch { 1 => "client", 2 => "prototype", _ => null };

    /// <summary>One side has said that it closes.</summary>
    public void Closed(bool byClient) => Interlocked.CompareExchange(ref first, byClient ? 1 : 2, 0);
}
