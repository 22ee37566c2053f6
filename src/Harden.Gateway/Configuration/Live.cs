namespace Harden.Gateway.Configuration;

/// <summary>
/// A section's options as they are in force. A reload swaps them in one assignment, and only if every section of the new
/// configuration is valid; so a reader sees either the old or the new whole, and compares references to notice a change.
/// </summary>
internal sealed class Live<T>
    where T : class, new()
{
    private T current = new();

    /// <summary>The options in force. Read once per request and keep: two reads may differ.</summary>
    public T Current => Volatile.Read(ref current);

    /// <summary>Raised after a swap, for what has to be done at once and not at the next request, such as ending what runs on a key that is gone.</summary>
    public event Action? Changed;

    internal void Swap(T next)
    {
        Volatile.Write(ref current, next);
        Changed?.Invoke();
    }
}
