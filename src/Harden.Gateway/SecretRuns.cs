using System.Buffers;
using System.Buffers.Text;

namespace Harden.Gateway;

/// <summary>
/// Finds runs of characters as encoders of random bytes make them, and secrets that were encoded in base64. Looks at every twentieth character first, so
/// that ordinary text costs little.
/// </summary>
internal static class SecretRuns
{
    private const int Shortest = 20;
    private const int Random = 32;
    private const int LongestDecoded = 384;

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=/");

    /// <summary>The first one that begins at or after a place.</summary>
    public static SecretFound? Find(ReadOnlySpan<char> text, int from, bool isDecoded)
    {
        var start = from;
        for (var at = start + Shortest - 1; at < text.Length; at = start + Shortest - 1)
        {
            if (!Characters.Contains(text[at]))
            {
                start = at + 1;
                continue;
            }
            var gap = text[start..at].LastIndexOfAnyExcept(Characters);
            if (gap >= 0)
            {
                start += gap + 1;
                continue;
            }
            var length = text[at..].IndexOfAnyExcept(Characters);
            var end = length < 0 ? text.Length : at + length;
            var run = text[start..end];
            if (run.Length >= Random && IsRandom(run))
                return new(start, end, "token");
            if (!isDecoded && HoldsEncoded(run))
                return new(start, end, "encoded");
            start = end + 1;
        }
        return null;
    }

    private static bool IsRandom(ReadOnlySpan<char> run)
    {
        foreach (var range in run.Split('/'))
        {
            if (LooksRandom(run[range]))
                return true;
        }
        // Base64 has slashes too. In paths letters are seldom mixed so much.
        return run.Length >= 36 && Count(run) is var count && count.Upper * 5 >= run.Length && count.Lower * 5 >= run.Length && count.Digits >= 1;
    }

    // Letters and digits mixed, or capitals and small letters as no name mixes them. UUIDs are names, not secrets.
    private static bool LooksRandom(ReadOnlySpan<char> run)
    {
        if (run.Length < Random || run.Length == 36 && Guid.TryParseExact(run, "D", out _))
            return false;
        var count = Count(run);
        // Words joined by dashes have few digits and many breaks; dates and counters have no letters.
        return count.Breaks * 8 < run.Length
            && (count.Digits >= 3 && count.Upper + count.Lower >= 3 || count.Upper * 4 >= run.Length && count.Lower * 4 >= run.Length);
    }

    private static (int Digits, int Upper, int Lower, int Breaks) Count(ReadOnlySpan<char> run)
    {
        int digits = 0, upper = 0, lower = 0, breaks = 0;
        foreach (var c in run)
        {
            if (char.IsAsciiDigit(c))
                digits++;
            else if (char.IsAsciiLetterUpper(c))
                upper++;
            else if (char.IsAsciiLetterLower(c))
                lower++;
            else
                breaks++;
        }
        return (digits, upper, lower, breaks);
    }

    // Base64, of either alphabet, of a text that holds a secret: a card number, a short password with its name. What is longer looks random anyway.
    private static bool HoldsEncoded(ReadOnlySpan<char> run)
    {
        run = run.TrimEnd('=');
        if (run.Length > LongestDecoded || run.Length % 4 == 1)
            return false;
        Span<char> plain = stackalloc char[LongestDecoded];
        run.Replace(plain, '+', '-');
        plain[..run.Length].Replace('/', '_');
        Span<byte> bytes = stackalloc byte[LongestDecoded];
        if (Base64Url.DecodeFromChars(plain[..run.Length], bytes, out _, out var length) != OperationStatus.Done || bytes[..length].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return false;
        for (var i = 0; i < length; i++)
            plain[i] = (char)bytes[i];
        return new SecretScan(plain[..length], isDecoded: true).MoveNext();
    }
}
