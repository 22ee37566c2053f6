using System.Security.Cryptography;
using System.Text;

namespace Harden.Audit;

/// <summary>A text and its signature, in the format of C2SP <c>signed-note</c>.</summary>
internal static class SignedNote
{
    private const string KeyName = "harden";

    /// <summary>Signs a text.</summary>
    /// <param name="body">Lines, each ended by a line feed.</param>
    /// <param name="key">The private key.</param>
    public static string Sign(string body, ECDsa key)
    {
        var signature = key.SignData(Encoding.UTF8.GetBytes(body), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return $"{body}\n— {KeyName} {Convert.ToBase64String([.. KeyId(key), .. signature])}\n";
    }

    /// <summary>The lines that were signed; null if it isn't a note or the key did not sign it.</summary>
    /// <param name="note">The text with its signature.</param>
    /// <param name="key">The public key; null to read without asking who signed.</param>
    public static string[]? TryOpen(string note, ECDsa? key)
    {
        var end = note.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0)
            return null;
        var body = note[..(end + 1)];
        if (key is null)
            return body.Split('\n');
        foreach (var line in note[(end + 2)..].Split('\n'))
        {
            if (!line.StartsWith($"— {KeyName} ", StringComparison.Ordinal))
                continue;
            var signature = new byte[256];
            if (Convert.TryFromBase64String(line[(KeyName.Length + 3)..], signature, out var length) && length > 4 && signature.AsSpan(0, 4).SequenceEqual(KeyId(key))
                && key.VerifyData(Encoding.UTF8.GetBytes(body), signature.AsSpan(4, length - 4), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))
                return body.Split('\n');
        }
        return null;
    }

    /// <summary>True if it has a signature, whoever's, to its last byte: what was cut off in the middle has none.</summary>
    public static bool IsWhole(string note)
    {
        var bytes = new byte[256];
        return note.TrimEnd('\n').Split('\n')[^1] is var last && last.StartsWith($"— {KeyName} ", StringComparison.Ordinal)
            && Convert.TryFromBase64String(last[(KeyName.Length + 3)..], bytes, out var length) && length > 6 && bytes[4] == 0x30 && bytes[5] + 6 == length; // a DER sequence says how long it is
    }

    // For ECDSA the key id of a signed note is the beginning of the hash of the public key, as Rekor and its witnesses compute it.
    private static byte[] KeyId(ECDsa key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..4];
}
