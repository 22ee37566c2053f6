using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Harden.Gateway;

/// <summary>
/// The form of an API key: <c>harden_</c>, 43 letters and digits at random, and a checksum of six. The prefix is for scanners of secrets and
/// for Harden's own redaction; the checksum tells a mistyped key from one that was never issued.
/// </summary>
internal static class ApiKeySecret
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "harden_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Random = 43; // 62^43 > 2^256
    private const int Checksum = 6; // 62^6 > 2^32
    private const int Length = 7 + Random + Checksum;

    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);

    /// <summary>A new key.</summary>
    public static string Create()
    {
        var body = Prefix + RandomNumberGenerator.GetString(Alphabet, Random);
        return body + ChecksumOf(body);
    }

    /// <summary>True if the text can be a key, issued or not.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && text[^Checksum..].SequenceEqual(ChecksumOf(text[..^Checksum]));

    /// <summary>
    /// Writes the hash under which a key is kept. SHA-256 without salt and rounds: those protect what people choose and others can
    /// guess. Nobody guesses 256 random bits however fast they hash, and a slow hash would be the gateway's to pay on every request.
    /// </summary>
    public static void Hash(ReadOnlySpan<char> key, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[Length * 3];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(key, bytes)], hash);
    }

    /// <summary>The same as the configuration has it.</summary>
    public static string HashText(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(key, hash);
        return HashPrefix + Convert.ToHexStringLower(hash);
    }

    /// <summary>What a hash in the configuration begins with.</summary>
    public const string HashPrefix = "sha256:";

    /// <summary>True if a key, or the greater part of one, stands in the text.</summary>
    public static bool StandsIn(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOf(Prefix, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Prefix, StringComparison.Ordinal))
        {
            text = text[(at + Prefix.Length)..];
            var end = text.IndexOfAnyExcept(Letters);
            if ((end < 0 ? text.Length : end) >= 16) // longer than words, such as those of file names
                return true;
        }
        return false;
    }

    // CRC-32 (ISO 3309), as other issuers of keys use it, in base 62.
    private static string ChecksumOf(ReadOnlySpan<char> body)
    {
        var crc = uint.MaxValue;
        foreach (var c in body)
        {
            crc ^= (byte)c;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }
        crc = ~crc;
        Span<char> text = stackalloc char[Checksum];
        for (var i = Checksum - 1; i >= 0; i--, crc /= 62)
            text[i] = Alphabet[(int)(crc % 62)];
        return text.ToString();
    }
}
