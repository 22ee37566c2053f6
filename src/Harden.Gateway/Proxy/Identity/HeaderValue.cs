using System.Buffers;
using System.Text;

namespace Harden.Gateway.Proxy.Identity;

/// <summary>Text as a header can carry it: what is not plain ASCII is percent-encoded as UTF-8. Mostly the very same text.</summary>
internal static class HeaderValue
{
    private static readonly SearchValues<char> PlainText = SearchValues.Create(
        " !\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    // One of a list could not be told from two if it kept its comma.
    private static readonly SearchValues<char> PlainItem = SearchValues.Create(
        " !\"#$&'()*+-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>One value.</summary>
    public static string Of(string text) => Encode(text, PlainText);

    /// <summary>Several values with commas between.</summary>
    public static string Of(IReadOnlyList<string> items) =>
        items.Count == 1 ? Encode(items[0], PlainItem) : string.Join(',', items.Select(static item => Encode(item, PlainItem)));

    private static string Encode(string text, SearchValues<char> plain)
    {
        if (!text.AsSpan().ContainsAnyExcept(plain))
            return text;
        var encoded = new StringBuilder(text.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && plain.Contains((char)rune.Value))
            {
                encoded.Append((char)rune.Value);
                continue;
            }
            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
                encoded.Append('%').Append(value.ToString("X2"));
        }
        return encoded.ToString();
    }
}
