namespace Harden.Gateway;

/// <summary>A path pattern: literal segments, <c>*</c> for any one segment, <c>**</c> at the end for any number, including none.</summary>
internal sealed class PathPattern
{
    private readonly string[] segments;
    private readonly bool open;

    private PathPattern(string[] segments, bool open)
    {
        this.segments = segments;
        this.open = open;
    }

    /// <summary>Reads a pattern; null and what is wrong with it if it isn't one.</summary>
    public static PathPattern? TryParse(string text, out string mend)
    {
        mend = "";
        if (text.Length == 0 || text[0] != '/')
            mend = "must begin with a slash, such as /admin/**.";
        else if (text.AsSpan().IndexOfAny("?#%;\\") >= 0)
            mend = "must be a decoded path without query: none of ? # % ; \\.";
        else if (text.Contains("//", StringComparison.Ordinal))
            mend = "must not contain an empty segment.";
        else if (text.Split('/').Any(static segment => segment is "." or ".."))
            mend = "must not contain . or .. as a segment: such paths are refused before anything looks at them.";
        if (mend.Length > 0)
            return null;
        var segments = text.Split('/')[1..];
        var open = segments[^1] == "**";
        if (open)
            segments = segments[..^1];
        else if (segments.Length > 1 && segments[^1].Length == 0)
            segments = segments[..^1]; // the same as without its last slash, as paths are
        if (Array.Exists(segments, static s => s.Contains('*') && s != "*"))
            mend = "may use * only as a whole segment and ** only as the last one.";
        return mend.Length > 0 ? null : new(segments, open);
    }

    /// <summary>True if the normalised path fits.</summary>
    public bool Matches(ReadOnlySpan<char> path)
    {
        path = path[1..];
        for (var i = 0; i < segments.Length; i++)
        {
            if (i > 0)
            {
                if (path.IsEmpty || path[0] != '/')
                    return false;
                path = path[1..];
            }
            var end = path.IndexOf('/');
            var segment = end < 0 ? path : path[..end];
            if (segments[i] == "*" ? segment.IsEmpty : !segment.Equals(segments[i], StringComparison.OrdinalIgnoreCase))
                return false;
            path = path[segment.Length..];
        }
        // A slash at the end is the same resource for most frameworks, so it must not slip past a rule.
        return open || path.IsEmpty || (path.Length == 1 && path[0] == '/');
    }

    /// <summary>True if every path that fits <paramref name="other"/> fits this one too.</summary>
    public bool Covers(PathPattern other)
    {
        if (other.segments.Length < segments.Length || (!open && (other.open || other.segments.Length != segments.Length)))
            return false;
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i] == "*" ? other.segments[i].Length == 0 : !segments[i].Equals(other.segments[i], StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }
}
