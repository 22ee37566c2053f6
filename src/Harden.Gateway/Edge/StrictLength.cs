using System.Text;

namespace Harden.Gateway.Edge;

/// <summary>
/// Decodes <c>Content-Length</c> so that nothing but digits survives (RFC 9110 section 8.6: <c>1*DIGIT</c>). Kestrel's own parser takes
/// "+5", "-0" and "5" between spaces for a number and keeps only the number, so no middleware could notice; what another server in the
/// path reads there is anybody's guess. Everything else becomes a letter, which Kestrel refuses with 400.
/// </summary>
internal sealed class StrictLength : Encoding
{
    /// <summary>The one instance.</summary>
    public static readonly StrictLength Instance = new();

    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => throw new NotSupportedException();

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    /// <inheritdoc />
    /// <remarks>Kestrel has room for 20 characters and refuses 20. A longer value must not throw instead: it would be no 400.</remarks>
    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        var count = Math.Min(bytes.Length, chars.Length);
        for (var i = 0; i < count; i++)
            chars[i] = char.IsAsciiDigit((char)bytes[i]) ? (char)bytes[i] : 'x';
        return count;
    }

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetMaxCharCount(int byteCount) => byteCount;
}
