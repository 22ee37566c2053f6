namespace Harden.Gateway.Audit.Capture;

/// <summary>How much memory all captures together may hold: many bodies at once must not make the gateway grow without end.</summary>
internal sealed class CaptureBudget
{
    private long used;

    /// <summary>Bytes in use.</summary>
    public long Used => Interlocked.Read(ref used);

    /// <summary>Takes room; false if there isn't as much.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="most">What all may hold together.</param>
    public bool TryTake(int bytes, long most)
    {
        if (Interlocked.Add(ref used, bytes) <= most)
            return true;
        Interlocked.Add(ref used, -bytes);
        return false;
    }

    /// <summary>Gives room back.</summary>
    public void Return(int bytes) => Interlocked.Add(ref used, -bytes);
}
