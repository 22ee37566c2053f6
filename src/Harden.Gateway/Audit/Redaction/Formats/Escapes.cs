using System.Text.Json;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>
/// Tells whether a JSON string is text. Half of a surrogate pair, written as an escape, is valid JSON but no text, and unescaping it throws: found beforehand,
/// because a body may hold thousands of them.
/// </summary>
internal static class Escapes
{
    /// <summary>The string, without quotes, can be unescaped.</summary>
    public static bool AreText(ReadOnlySpan<byte> value)
    {
        var rest = value;
        var expectsLow = false;
        while (rest.IndexOf((byte)'\\') is >= 0 and var at)
        {
            if (expectsLow && at > 0)
                return false;
            var isUnicode = rest[at + 1] == 'u';
            var isHigh = isUnicode && Surrogate(rest, at, "89abAB"u8);
            var isLow = isUnicode && Surrogate(rest, at, "cdefCDEF"u8);
            if (isLow != expectsLow)
                return false;
            expectsLow = isHigh;
            rest = rest[(at + (isUnicode ? 6 : 2))..];
        }
        return !expectsLow;
    }

    /// <summary>A string of a document without its escapes.</summary>
    /// <param name="document">The document.</param>
    /// <param name="start">Where the string begins, after its quote.</param>
    /// <param name="length">Its length, to its last quote.</param>
    /// <param name="room">At least as long; gets the result.</param>
    public static ReadOnlySpan<byte> Resolve(ReadOnlySpan<byte> document, int start, int length, Span<byte> room)
    {
        var reader = new Utf8JsonReader(document.Slice(start - 1, length + 2));
        reader.Read();
        return room[..reader.CopyString(room)];
    }

    private static bool Surrogate(ReadOnlySpan<byte> text, int at, ReadOnlySpan<byte> third) => text[at + 2] is (byte)'d' or (byte)'D' && third.Contains(text[at + 3]);
}
