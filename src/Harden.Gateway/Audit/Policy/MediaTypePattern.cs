using System.Globalization;

namespace Harden.Gateway.Audit.Policy;

/// <summary>Media types and patterns of them.</summary>
internal static class MediaTypePattern
{
    /// <summary>True for <c>type/subtype</c> with at most one <c>*</c>, in the subtype.</summary>
    public static bool IsPattern(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 && text.Length <= 128 && !text[..slash].Contains('*', StringComparison.Ordinal)
            && text.Count(static c => c == '*') <= 1 && text.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$&^_.+-/*".Contains(c, StringComparison.Ordinal))
            && text.LastIndexOf('/') == slash;
    }

    /// <summary>True if a <c>Content-Type</c>, whose parameters don't count, fits the pattern.</summary>
    public static bool Fits(string pattern, string? contentType)
    {
        if (contentType is null)
            return false;
        var type = contentType.AsSpan();
        if (type.IndexOf(';') is >= 0 and var end)
            type = type[..end];
        type = type.Trim();
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        return star < 0
            ? type.Equals(pattern, StringComparison.OrdinalIgnoreCase)
            : type.Length >= pattern.Length && type.StartsWith(pattern.AsSpan(0, star), StringComparison.OrdinalIgnoreCase) && type.EndsWith(pattern.AsSpan(star + 1), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>True if everything that fits the narrow pattern fits the wide one.</summary>
    public static bool Covers(string wide, string narrow) =>
        wide.Equals(narrow, StringComparison.OrdinalIgnoreCase) || (!narrow.Contains('*', StringComparison.Ordinal) && Fits(wide, narrow));
}

/// <summary>Statuses such as <c>401</c> and <c>5xx</c>.</summary>
internal static class StatusRange
{
    /// <summary>Reads one; null if it isn't.</summary>
    public static (int From, int To)? TryParse(string text)
    {
        if (text.Length != 3 || text[0] is < '1' or > '5')
            return null;
        if (text.EndsWith("xx", StringComparison.OrdinalIgnoreCase))
            return ((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var one) ? (one, one) : null;
    }
}
