namespace Harden.Gateway.Audit;

/// <summary>Section <c>Audit:Index</c>: the index by which the record is searched. It is made from the log, in <c>audit-index</c> of the state directory, and may be deleted at any time.</summary>
internal sealed class IndexOptions
{
    /// <summary>Keep an index. Default true. Without one, searches read the files of the log, which takes the longer the more there is. Takes effect at the next start.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Find requests by words of their recorded bodies too. Default false: bodies are sealed in the log, and the index holds their words, redacted, in the clear. Takes effect at
    /// the next start, which makes the index anew.
    /// </summary>
    public bool Bodies { get; set; }
}
