using System.Buffers;
using System.Net.Http.Headers;
using System.Text;

namespace Harden.Gateway.Proxy;

/// <summary>
/// Tells the prototype who asks. The edge has removed every spelling of these headers from the request, and hop-by-hop processing is
/// over by the time they are added, so what arrives is Harden's word or nothing.
/// </summary>
internal static class IdentityInjection
{
    // A header can't carry these safely everywhere; a role could not be told from two if it kept its comma.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !\"#$&'()*+-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private static readonly SearchValues<char> PlainText = SearchValues.Create(
        " !\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>Adds the headers of a subject.</summary>
    public static void Add(HttpRequestHeaders headers, Subject subject)
    {
        headers.TryAddWithoutValidation("X-Harden-User", Encode(subject.ObjectId, PlainText));
        if (subject.Name.Length > 0)
            headers.TryAddWithoutValidation("X-Harden-Name", Encode(subject.Name, PlainText));
        if (subject.Email.Length > 0)
            headers.TryAddWithoutValidation("X-Harden-Email", Encode(subject.Email, PlainText));
        if (subject.Roles.Count == 1)
            headers.TryAddWithoutValidation("X-Harden-Roles", Encode(subject.Roles[0], Plain));
        else if (subject.Roles.Count > 1)
            headers.TryAddWithoutValidation("X-Harden-Roles", string.Join(',', subject.Roles.Select(static role => Encode(role, Plain))));
    }

    /// <summary>The text with every character that is not plain percent-encoded as UTF-8; mostly the very same text.</summary>
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
