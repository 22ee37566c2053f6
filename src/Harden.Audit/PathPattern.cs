namespace Harden.Audit;

/// <summary>Paths as one asks for them: a beginning, or a whole with stars.</summary>
internal static class PathPattern
{
    /// <summary>True if the path begins so; with a star in the pattern, if the whole path fits it.</summary>
    public static bool Matches(string pattern, string path) =>
        pattern.Contains('*', StringComparison.Ordinal) ? Fits(pattern, path) : path.StartsWith(pattern, StringComparison.OrdinalIgnoreCase);

    // Goes back to the last star only, which is enough for stars and keeps the time bounded by length times length.
    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        var (p, at, star, from) = (0, 0, -1, 0);
        while (at < path.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, from) = (p++, at);
            else if (p < pattern.Length && char.ToUpperInvariant(pattern[p]) == char.ToUpperInvariant(path[at]))
                (p, at) = (p + 1, at + 1);
            else if (star >= 0)
                (p, at) = (star + 1, ++from);
            else
                return false;
        }
        return !pattern[p..].ContainsAnyExcept('*');
    }
}
