using System.Buffers;
using System.Text;

namespace Harden.Gateway.Edge;

/// <summary>
/// Reads a request target in the one way that every framework behind Harden must read it too. What could be read in two ways is
/// refused rather than guessed: that is how access rules of proxies are bypassed (CVE-2021-29492 and its many relatives).
/// </summary>
internal static class RequestTarget
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!&'()*+,=:@");

    // Full-width and small slashes, division and fraction slash, backslashes, dots and their leaders; and the two that fold to s and k in lower case.
    private static readonly SearchValues<char> LookAlikes = SearchValues.Create("\uFF0F\u2215\u2044\uFF3C\uFE68\u2216\uFF0E\uFE52\u2024\u2025\u017F\u212A");

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the path of a raw target (path and query, as sent).</summary>
    /// <param name="target">The target in origin form.</param>
    /// <param name="allow">Ambiguous forms that are allowed all the same.</param>
    /// <param name="path">The decoded path with empty segments collapsed, or "".</param>
    /// <returns>Null, or what is wrong.</returns>
    public static Refusal? Read(string target, ReadOnlySpan<AmbiguousPath> allow, out string path)
    {
        path = "";
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var raw = query < 0 ? target.AsSpan() : target.AsSpan(0, query);
        if (raw.Length == 0 || raw[0] != '/')
            return Refuse("target-form", "The request target must be a path that begins with a slash.");
        if (raw.Length > 1 && raw[1] is '/' or '\\')
            return Refuse("leading-slashes", "A path that begins with two slashes can be read as a host name.");

        // HTTP/2 can carry what would end the target in the request line of HTTP/1.1 (RFC 9112 section 3.2).
        if (target.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0)
            return Refuse("control-character", "The request target contains a blank or control character that is not percent-encoded.");

        // The common case: nothing to decode, no dot and no empty segment, so the path is the target.
        if (!raw.ContainsAnyExcept(Plain) && raw.IndexOf("//") < 0)
        {
            path = query < 0 ? target : target[..query];
            return null;
        }
        return ReadSlowly(raw, allow, out path);
    }

    private static Refusal? ReadSlowly(ReadOnlySpan<char> raw, ReadOnlySpan<AmbiguousPath> allow, out string path)
    {
        path = "";
        var bytes = new byte[raw.Length];
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            var value = (int)raw[i];
            if (value is '\\' or '#')
                return Refuse("ambiguous-character", $"The path contains '{(char)value}', which clients and servers read differently.");
            if (value == ';' && !allow.Contains(AmbiguousPath.PathParameters))
                return Refuse("path-parameters", "The path contains ';'. If the app needs it, add \"PathParameters\" to Edge:Allow.");
            if (value == '%')
            {
                value = Hex(raw, i + 1);
                i += 2;
                switch (value)
                {
                    case < 0:
                        return Refuse("bad-escape", "The path contains a % that is not followed by two hexadecimal digits.");
                    case '/' when !allow.Contains(AmbiguousPath.EncodedSlash):
                        return Refuse("encoded-slash", "The path contains an encoded slash (%2F). If the app needs it, add \"EncodedSlash\" to Edge:Allow.");
                    case '\\':
                        return Refuse("encoded-backslash", "The path contains an encoded backslash (%5C), which some servers read as a slash.");
                    case ';' when !allow.Contains(AmbiguousPath.PathParameters):
                        return Refuse("path-parameters", "The path contains an encoded ';'. If the app needs it, add \"PathParameters\" to Edge:Allow.");
                    case '%' when MatterTwice(Hex(raw, i + 1)):
                        return Refuse("double-encoding", "The path is percent-encoded twice.");
                }
            }
            if (value is < 0x20 or 0x7f)
                return Refuse("control-character", "The path contains a control character.");
            if (value > 0xff)
                return Refuse("bad-encoding", "The path contains a character that is not percent-encoded.");
            if (value == '/' && length > 0 && bytes[length - 1] == '/')
                continue; // an empty segment: forwarded as it is, but rules see the path without it
            bytes[length++] = (byte)value;
        }
        try
        {
            path = Strict.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return Refuse("bad-encoding", "The path is not valid UTF-8 after percent-decoding.");
        }
        return (Characters(path, allow) ?? Segments(path, allow)) is { } refusal ? Forget(refusal, out path) : null;
    }

    // What would matter to a reader who decodes once more: separators, and letters and digits, which nobody has a reason to encode (RFC 3986 section 2.3).
    private static bool MatterTwice(int value) => value is '.' or '/' or '\\' or '%' or ';' or 0 or '-' or '_' or '~' || (value > 0 && char.IsAsciiLetterOrDigit((char)value));

    private static Refusal? Characters(ReadOnlySpan<char> path, ReadOnlySpan<AmbiguousPath> allow) =>
        path.ContainsAny(LookAlikes) && !allow.Contains(AmbiguousPath.LookAlikes)
            ? Refuse("look-alike", "The path contains a character that some servers take for a slash, a dot or another letter. If the app needs it, add \"LookAlikes\" to Edge:Allow.")
        : path.Contains(":$", StringComparison.Ordinal)
            ? Refuse("alternate-stream", "The path contains ':$', which names another form of the same file on Windows.")
        : null;

    private static Refusal? Segments(ReadOnlySpan<char> path, ReadOnlySpan<AmbiguousPath> allow)
    {
        foreach (var range in path.Split('/'))
        {
            var segment = path[range];
            var cut = segment.IndexOf(';'); // "..;" is ".." for those who cut parameters off
            var bare = (cut < 0 ? segment : segment[..cut]).Trim(' ');
            if (bare is "." or "..")
                return Refuse("dot-segment", "The path contains a '.' or '..' segment. Clients resolve these before they send a request.");
            if (segment.Length > 0 && segment[^1] is '.' or ' ' && !allow.Contains(AmbiguousPath.TrailingDots))
                return Refuse("trailing-dot", "A path segment ends in a dot or space. If the app needs it, add \"TrailingDots\" to Edge:Allow.");
        }
        return null;
    }

    private static Refusal Forget(Refusal refusal, out string path)
    {
        path = "";
        return refusal;
    }

    private static int Hex(ReadOnlySpan<char> text, int at) =>
        at + 1 < text.Length && char.IsAsciiHexDigit(text[at]) && char.IsAsciiHexDigit(text[at + 1])
            ? (Nibble(text[at]) << 4) | Nibble(text[at + 1])
            : -1;

    private static int Nibble(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static Refusal Refuse(string reason, string detail) => new(StatusCodes.Status400BadRequest, reason, detail);
}
