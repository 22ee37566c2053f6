using System.Buffers;

namespace Harden.Gateway.Audit.Capture;

/// <summary>
/// The beginning of a body, up to a limit, in a pooled buffer that grows with what comes. Locked, because the other half of an exchange may
/// still be running when it is taken away: nothing may write to a buffer that somebody else has rented meanwhile.
/// </summary>
internal sealed class CaptureBuffer(int limit, long most, CaptureBudget budget)
{
    private const int Smallest = 1024;

    private readonly Lock gate = new();
    private byte[]? buffer;
    private int charged;
    private int charge;
    private bool closed;

    /// <summary>Bytes kept.</summary>
    public int Length { get; private set; }

    /// <summary>More passed than was kept.</summary>
    public bool Truncated { get; private set; }

    /// <summary>It is truncated because all captures together held too much.</summary>
    public bool OutOfMemory { get; private set; }

    /// <summary>What was kept. Only after <see cref="Close"/>.</summary>
    public ReadOnlyMemory<byte> Kept => buffer.AsMemory(0, Length);

    /// <summary>Keeps as much of a piece as there is room for.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        if (Truncated || piece.IsEmpty)
            return;
        lock (gate)
        {
            if (closed)
                return;
            var room = limit - Length;
            if (piece.Length > room)
            {
                Truncated = true;
                piece = piece[..room];
            }
            if (!Reserve(Length + piece.Length))
            {
                Truncated = OutOfMemory = true;
                return;
            }
            piece.CopyTo(buffer.AsSpan(Length));
            Length += piece.Length;
        }
    }

    /// <summary>Takes memory that is needed to read what shall be kept; given back with the buffer. False, and nothing more is kept, if there isn't as much.</summary>
    public bool TryCharge(int bytes)
    {
        lock (gate)
        {
            if (closed)
                return false;
            if (!budget.TryTake(bytes, most))
            {
                Truncated = OutOfMemory = true;
                return false;
            }
            charge += bytes;
            return true;
        }
    }

    /// <summary>More passes that can't be kept.</summary>
    public void BreakOff()
    {
        lock (gate)
            Truncated = true;
    }

    /// <summary>Ends the capture; what was kept stays readable until <see cref="Return"/>.</summary>
    public void Close()
    {
        lock (gate)
            closed = true;
    }

    /// <summary>Ends the capture and gives the buffer back, emptied: the next to rent it must not find somebody's body.</summary>
    public void Return()
    {
        lock (gate)
        {
            closed = true;
            Swap(null);
            Length = 0;
            budget.Return(charge);
            charge = 0;
        }
    }

    private bool Reserve(int need)
    {
        if (buffer is not null && buffer.Length >= need)
            return true;
        var size = (int)Math.Min(Math.Max(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)need), Smallest), Math.Max(limit, Smallest));
        if (!budget.TryTake(size, most))
            return false;
        var larger = ArrayPool<byte>.Shared.Rent(size);
        buffer.AsSpan(0, Length).CopyTo(larger);
        Swap(larger);
        charged = size;
        return true;
    }

    private void Swap(byte[]? next)
    {
        if (buffer is not null)
        {
            buffer.AsSpan(0, Length).Clear();
            ArrayPool<byte>.Shared.Return(buffer);
            budget.Return(charged);
        }
        (buffer, charged) = (next, 0);
    }
}
