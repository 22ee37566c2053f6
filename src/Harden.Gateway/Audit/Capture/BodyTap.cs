namespace Harden.Gateway.Audit.Capture;

/// <summary>What passed in one direction. It only looks on: nothing is held back, changed or delayed.</summary>
internal sealed class BodyTap(TimeProvider time, Action<BodyTap>? onBytes = null)
{
    /// <summary>Bytes that passed.</summary>
    public long Bytes { get; private set; }

    /// <summary>The reader has seen the end.</summary>
    public bool Ended { get; private set; }

    /// <summary>When the first byte passed, in the clock's ticks; 0 if none has.</summary>
    public long First { get; private set; }

    /// <summary>Bytes have passed.</summary>
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
    /// <param name="read">How many bytes it brought.</param>
    /// <param name="wanted">How many it had room for: one without room only asks whether there is something.</param>
    public void Took(int read, int wanted)
    {
        if (read > 0)
            Pass(read);
        else if (wanted > 0)
            Ended = true;
    }
}
