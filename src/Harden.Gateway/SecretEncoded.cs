using System.Buffers;
using System.Globalization;

namespace Harden.Gateway;

/// <summary>Finds secrets that were percent-encoded, or written with the escapes of JSON, once more than the text itself: the word that holds one goes whole.</summary>
internal static class SecretEncoded
{
    private static readonly SearchValues<char> Ends = SearchValues.Create(" \t\r\n\"'<>");

    /// <summary>The first one that begins at or after a place.</summary>
    public static SecretFound? Find(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && text[from..].IndexOfAny('%', '\\') is >= 0 and var at)
        {
            var escape = from + at;
            if (Unit(text[escape..], out _) == 0)
            {
                from = escape + 1;
                continue;
            }
            var start = text[..escape].LastIndexOfAny(Ends) + 1;
            var length = text[escape..].IndexOfAny(Ends);
            var end = length < 0 ? text.Length : escape + length;
            if (HidesSecret(text[start..end]))
                return new(start, end, "encoded");
            from = end;
        }
        return null;
    }

    // More are found when it is decoded: what is found without goes without.
    private static bool HidesSecret(ReadOnlySpan<char> word)
    {
        var room = ArrayPool<char>.Shared.Rent(word.Length);
        var length = 0;
        for (var i = 0; i < word.Length;)
        {
            var unit = Unit(word[i..], out var decoded);
            room[length++] = unit == 0 ? word[i] : decoded;
            i += Math.Max(unit, 1);
        }
        var hides = Count(room.AsSpan(0, length)) > Count(word);
        ArrayPool<char>.Shared.Return(room, clearArray: true);
        return hides;
    }

    private static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var found in new SecretScan(text, isDecoded: true))
            count++;
        return count;
    }

    // How many characters the escape at the beginning has; 0 if there is none.
    private static int Unit(ReadOnlySpan<char> text, out char decoded)
    {
        var (prefix, digits) = text[0] == '%' ? (1, 2) : text.StartsWith("\\u") ? (2, 4) : (0, 0);
        decoded = '\0';
        if (digits == 0 || text.Length < prefix + digits || !ushort.TryParse(text.Slice(prefix, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            return 0;
        decoded = (char)value;
        return prefix + digits;
    }
}
