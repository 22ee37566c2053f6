using System.Numerics;

namespace Harden.Gateway;

/// <summary>
/// Tells of most short values, in a few nanoseconds, that none of the detectors would find anything in them: names, states, dates, amounts. It may say yes for
/// nothing, never no where there is something; a test holds it against them.
/// </summary>
internal static class SecretHints
{
    private const int Longest = 128; // so that counts below fit eight bits; in longer ones there is mostly something to look at
    private const int ShortestCard = 13, ShortestIban = 15, ShortestRun = 20;
    private const uint Digit = 1, Capital = 1 << 8, Other = 1 << 16;

    private static readonly uint[] Kinds = [.. Enumerable.Range(0, 128).Select(static c => char.IsAsciiDigit((char)c) ? Digit : char.IsAsciiLetterUpper((char)c) ? Capital : c is '%' or '\\' ? Other : 0u)];

    /// <summary>There may be a secret in a text.</summary>
    /// <param name="text">Bytes of UTF-8, or characters.</param>
    public static bool Any<T>(ReadOnlySpan<T> text) where T : unmanaged, IBinaryInteger<T>
    {
        if (text.Length > Longest)
            return true;
        var counts = 0u;
        foreach (var c in text)
            counts += Kind(c);
        var (digits, capitals) = (counts & 0xff, (counts >> 8) & 0xff);
        return counts >= Other
            || (digits >= ShortestCard && HasCard(text))
            || (text.Length >= ShortestIban && capitals >= 2 && digits >= 2 && HasIban(text))
            || (text.Length >= ShortestRun && HasRun(text))
            || SecretAnchors.AreIn(text);
    }

    private static uint Kind<T>(T c) where T : unmanaged, IBinaryInteger<T> => uint.CreateTruncating(c) is < 128 and var code ? Kinds[code] : Other;

    // As many digits as a card has, with nothing between them but what may stand between groups.
    private static bool HasCard<T>(ReadOnlySpan<T> text) where T : unmanaged, IBinaryInteger<T>
    {
        var count = 0;
        foreach (var each in text)
        {
            var c = (char)ushort.CreateTruncating(each);
            if (char.IsAsciiDigit(c))
                count++;
            else if (c is not (' ' or '-' or '.' or '+' or '_'))
                count = 0;
            if (count == ShortestCard)
                return true;
        }
        return false;
    }

    // Its country and check digits.
    private static bool HasIban<T>(ReadOnlySpan<T> text) where T : unmanaged, IBinaryInteger<T>
    {
        for (var i = 0; i <= text.Length - ShortestIban; i++)
        {
            if (Kind(text[i]) == Capital && Kind(text[i + 1]) == Capital && Kind(text[i + 2]) == Digit && Kind(text[i + 3]) == Digit)
                return true;
        }
        return false;
    }

    private static bool HasRun<T>(ReadOnlySpan<T> text) where T : unmanaged, IBinaryInteger<T>
    {
        var length = 0;
        foreach (var each in text)
        {
            var c = (char)ushort.CreateTruncating(each);
            length = char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '+' or '=' or '/' ? length + 1 : 0;
            if (length == ShortestRun)
                return true;
        }
        return false;
    }
}
