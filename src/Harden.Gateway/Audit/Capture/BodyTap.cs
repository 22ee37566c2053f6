namespace Harden.Gateway.Audit.Capture;

/// <summary>What passed in one direction, and its beginning if that is wanted. It only looks on: nothing is held back, changed or delayed.</summary>
internal sealed class BodyTap(TimeProvider time, Action<BodyTap>? onBytes = null)
{
    /// <summary>Bytes that passed.</summary>
    public long Bytes { get; private set; }

    /// <summary>The reader has seen the end.</summary>
    public bool Ended { get; private set; }

    /// <summary>When the first byte passed, in the clock's ticks; 0 if none has.</summary>
    public long First { get; private set; }

    /// <summary>Where the beginning is kept; null if it isn't.</summary>
    public CaptureBuffer? Capture { get; set; }

    /// <summary>Reads the messages in what passes; null if it is no such protocol.</summary>
    public IFrameReader? Frames { get; set; }

    /// <summary>Bytes have passed.</summary>
    public void Pass(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty)
            return;
        if (First == 0)
            First = time.GetTimestamp();
        Bytes += piece.Length;
        onBytes?.Invoke(this); // before they are kept: it decides whether they are
        if (Frames is not null)
            Frames.Read(piece);
        else
            Capture?.Append(piece);
    }

    /// <summary>Bytes have passed that can't be looked at.</summary>
    public void Pass(long count)
    {
        if (count == 0)
            return;
        if (First == 0)
            First = time.GetTimestamp();
        Bytes += count;
        onBytes?.Invoke(this);
    }

    /// <summary>A read has returned.</summary>
    /// <param name="room">What it had room for: one without room only asks whether there is something.</param>
    /// <param name="read">How many bytes it brought.</param>
    public void Took(ReadOnlySpan<byte> room, int read)
    {
        if (read > 0)
            Pass(room[..read]);
        else if (!room.IsEmpty)
            Ended = true;
    }
}
