using System.Buffers;

namespace Harden.Gateway;

/// <summary>
/// Finds values that stand after the name of a secret in text: <c>password=x</c>, <c>"apiKey": "x"</c> also with escaped quotes, <c>Authorization: x</c>,
/// <c>&lt;token&gt;x&lt;/token&gt;</c>, and the parts of connection strings.
/// </summary>
internal static class SecretAssignment
{
    private const int LongestHalf = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    private static readonly string[] Quotes = ["&quot;", "&#34;", "&#39;", "&#x27;", "&#x22;", "%22", "%27", "\\u0022", "\\u0027"];
    private static readonly string[] EscapedQuotes = ["u0022", "u0027"];
    private static readonly string[] Separators = ["%3D", "%3d", "%3A", "%3a", "\\u003d", "\\u003D", "&#61;", "&#x3D;", "&#x3d;", "=", ":"];

    /// <summary>The value after the name that has an anchor at this place; null if there is no such name or value.</summary>
    public static SecretFound? Find(ReadOnlySpan<char> text, int anchor)
    {
        var first = anchor;
        while (first > 0 && anchor - first < LongestHalf && NameCharacters.Contains(text[first - 1]))
            first--;
        var last = anchor;
        while (last < text.Length && last - anchor < LongestHalf && NameCharacters.Contains(text[last]))
            last++;
        if (first > 0 && text[first - 1] is '\\' && first < anchor && text[first] is 'n' or 'r' or 't')
            first++; // of a line break written as an escape
        else if (first > 0 && text[first - 1] is '%' && anchor - first >= 2)
            first += 2;
        var start = IsElement(text, first) ? Content(text, last) : Value(text, last);
        if (start < 0) // nearly always
            return null;
        var kind = SecretNames.Of(text[first..last]);
        if (kind == SecretName.None || kind == SecretName.Texts && start < text.Length && char.IsAsciiDigit(text[start]))
            return null;
        var (from, end) = start > 0 && text[start - 1] == '>' ? (start, EndOfContent(text, start)) : Extent(text, start);
        return end <= from ? null : new(from, end, "secret-name");
    }

    private static bool IsElement(ReadOnlySpan<char> text, int name)
    {
        for (var i = name - 1; i >= 0 && name - i < LongestHalf; i--)
        {
            if (text[i] == '<')
                return true;
            if (text[i] != ':' && !NameCharacters.Contains(text[i]))
                return false;
        }
        return false;
    }

    // Where the content of an element begins; -1 if it has none.
    private static int Content(ReadOnlySpan<char> text, int at)
    {
        var length = text[at..].IndexOfAny('<', '>');
        return length < 0 || text[at + length] == '<' || length > 0 && text[at + length - 1] == '/' ? -1 : at + length + 1;
    }

    private static int EndOfContent(ReadOnlySpan<char> text, int start)
    {
        if (text[start..].StartsWith("<![CDATA[", StringComparison.Ordinal))
            return text[start..].IndexOf("]]>", StringComparison.Ordinal) is >= 0 and var close ? start + close : text.Length;
        var length = text[start..].IndexOf('<');
        return length < 0 ? text.Length : start + length;
    }

    // Where the value after a separator begins, its quote included; -1 if no separator follows.
    private static int Value(ReadOnlySpan<char> text, int at)
    {
        at = Skip(text, at, 16, static c => c is '\\' or '"' or '\'' or '`' or ' ' or '\t' or ']' or ')', Quotes);
        var separated = false;
        for (var count = 0; count < 4; count++)
        {
            var length = Length(text, at, Separators);
            if (length == 0)
                break;
            separated = true;
            at += length;
        }
        if (!separated)
            return -1;
        if (at < text.Length && text[at] == '>')
            at++; // =>
        return Skip(text, at, 32, static c => c is ' ' or '\t' or '\r' or '\n' or '+', []);
    }

    private static int Skip(ReadOnlySpan<char> text, int at, int most, Func<char, bool> skipped, string[] words)
    {
        for (var end = at + most; at < end && at < text.Length;)
        {
            if (Length(text, at, words) is > 0 and var length)
                at += length;
            else if (skipped(text[at]))
                at++;
            else
                break;
        }
        return at;
    }

    private static int Length(ReadOnlySpan<char> text, int at, string[] words)
    {
        foreach (var word in words)
        {
            if (at < text.Length && text[at] == word[0] && text[at..].StartsWith(word, StringComparison.Ordinal))
                return word.Length;
        }
        return 0;
    }

    // From inside the quotes to the one that closes them: one with no more backslashes before it than the first has. Without quotes to where such a value may end.
    private static (int Start, int End) Extent(ReadOnlySpan<char> text, int at)
    {
        var slashes = 0;
        while (at + slashes < text.Length && text[at + slashes] == '\\')
            slashes++;
        var quote = at + slashes;
        if (quote < text.Length && text[quote] is '"' or '\'' or '`')
            return (quote + 1, Closing(text, quote + 1, text[quote], slashes));
        if (slashes > 0 && Length(text, quote, EscapedQuotes) is > 0 and var escaped)
            return (quote + escaped, Closing(text, quote + escaped, text.Slice(quote, escaped), slashes));
        if (quote == at && Length(text, at, Quotes) is > 0 and var length)
        {
            var close = text[(at + length)..].IndexOf(text.Slice(at, length), StringComparison.Ordinal);
            return (at + length, close < 0 ? text.Length : at + length + close);
        }
        if (quote < text.Length && text[quote] is '{' or '[')
            return (quote, text[quote..].IndexOfAny('}', ']') is >= 0 and var brace ? quote + brace : text.Length);
        return (at, quote < text.Length && text[quote] is '|' or '>' && EndOfBlock(text, quote) is >= 0 and var block ? block : Open(text, at));
    }

    // Where the block of YAML ends that begins on the next line: with the first line that is indented less than its first; -1 if none begins.
    private static int EndOfBlock(ReadOnlySpan<char> text, int at)
    {
        var feed = text[at..].IndexOf('\n');
        if (feed is < 1 or > 8 || text.Slice(at + 1, feed - 1).ContainsAnyExcept("+-0123456789 \t\r"))
            return -1;
        var (end, first) = (-1, 0);
        for (at += feed + 1; at < text.Length;)
        {
            var length = text[at..].IndexOf('\n');
            var line = length < 0 ? text[at..] : text.Slice(at, length);
            var indent = line.IndexOfAnyExcept(' ', '\t', '\r');
            if (indent >= 0)
            {
                if (indent == 0 || indent < first)
                    break;
                first = first == 0 ? indent : first;
                end = at + line.Length;
            }
            at += line.Length + 1;
        }
        return end;
    }

    private static int Closing(ReadOnlySpan<char> text, int from, char quote, int slashes)
    {
        while (from < text.Length && text[from..].IndexOfAny(quote, '\\') is >= 0 and var at)
        {
            from += at;
            var run = text[from..].IndexOfAnyExcept('\\');
            if (run < 0)
                break;
            if (text[from + run] == quote && run <= slashes)
                return from;
            from += run + 1;
        }
        return text.Length;
    }

    private static int Closing(ReadOnlySpan<char> text, int from, ReadOnlySpan<char> quote, int slashes)
    {
        for (var at = from; text[at..].IndexOf(quote) is >= 0 and var length; at += length + quote.Length)
        {
            var run = at + length - (text[at..(at + length)].LastIndexOfAnyExcept('\\') + at + 1);
            if (run > 0 && run <= slashes)
                return at + length - run;
        }
        return text.Length;
    }

    private static int Open(ReadOnlySpan<char> text, int from)
    {
        var at = from;
        while (at < text.Length && text[at..].IndexOfAny("\r\n;\"<&") is >= 0 and var length)
        {
            at += length;
            if (text[at] != '&' || IsNextPair(text[(at + 1)..]))
                return at;
            at++;
        }
        return text.Length;
    }

    // The ampersand separates fields, or it is part of the value.
    private static bool IsNextPair(ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAnyExcept(NameCharacters);
        return length < 0 || length > 0 && (rest[length] is '=' or '[' or '%' || rest.StartsWith("amp;"));
    }
}
