namespace Harden.Audit;

/// <summary>Something wrong with a log.</summary>
/// <param name="Verdict">How grave.</param>
/// <param name="File">In which file; "" if in none.</param>
/// <param name="Entry">The first entry concerned, counted in its boot.</param>
/// <param name="Text">One sentence.</param>
internal sealed record Finding(Verdict Verdict, string File, long Entry, string Text);

/// <summary>How grave a finding is; the number is the exit code.</summary>
internal enum Verdict
{
    /// <summary>Something is not as it was written.</summary>
    Altered = 1,

    /// <summary>Something is missing.</summary>
    Incomplete = 2,

    /// <summary>The end can be neither proven nor disproven.</summary>
    Unverifiable = 3,
}
