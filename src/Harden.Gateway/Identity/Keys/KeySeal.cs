using System.Security.Cryptography;
using System.Text;

namespace Harden.Gateway.Identity.Keys;

/// <summary>Seals the key ring's XML for Redis with <see cref="SessionOptions.KeySecret"/>: AES-256-GCM, key by HKDF-SHA256.</summary>
internal static class KeySeal
{
    private const string Mark = "sealed1:";
    private const int Nonce = 12, Tag = 16;

    /// <summary>Seals a text; without a secret it stays as it is.</summary>
    public static string Close(string text, string? secret)
    {
        if (string.IsNullOrEmpty(secret))
            return text;
        var plain = Encoding.UTF8.GetBytes(text);
        var value = new byte[Nonce + plain.Length + Tag];
        RandomNumberGenerator.Fill(value.AsSpan(0, Nonce));
        using var aes = new AesGcm(KeyOf(secret), Tag);
        aes.Encrypt(value.AsSpan(0, Nonce), plain, value.AsSpan(Nonce, plain.Length), value.AsSpan(Nonce + plain.Length), "harden key ring"u8);
        return Mark + Convert.ToBase64String(value);
    }

    /// <summary>
    /// Opens one; null if the secret did not seal it. With a secret, a text that isn't sealed is refused: whoever can write to Redis
    /// could have put it there.
    /// </summary>
    public static string? Open(string text, string? secret)
    {
        var isSealed = text.StartsWith(Mark, StringComparison.Ordinal);
        if (string.IsNullOrEmpty(secret))
            return isSealed ? null : text;
        if (!isSealed)
            return null;
        try
        {
            var value = Convert.FromBase64String(text[Mark.Length..]);
            var plain = new byte[Math.Max(0, value.Length - Nonce - Tag)];
            using var aes = new AesGcm(KeyOf(secret), Tag);
            aes.Decrypt(value.AsSpan(0, Nonce), value.AsSpan(Nonce, plain.Length), value.AsSpan(Nonce + plain.Length), plain, "harden key ring"u8);
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[] KeyOf(string secret) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: "harden key ring"u8.ToArray());
}
