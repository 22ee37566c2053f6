using System.Buffers.Text;
using System.Security.Cryptography;

namespace Harden.Gateway.Branding;

/// <summary>The picture beside the name, read once and kept.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="ContentType">What it is by its first bytes, whatever it is called.</param>
/// <param name="Version">Changes with the file, so that browsers may keep it.</param>
internal sealed record Logo(byte[] Bytes, string ContentType, string Version)
{
    private const int MaxLength = 64 * 1024;

    /// <summary>Reads a file; null, and what is wrong, if it is none that can be shown.</summary>
    public static Logo? Read(string path, Action<string> report)
    {
        byte[] bytes;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length is 0 or > MaxLength)
            {
                report(!file.Exists ? $"names no file: there is no {path}." : $"must be a file of 1 to {MaxLength} bytes; it has {file.Length}.");
                return null;
            }
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            report($"can't be read: {e.Message}");
            return null;
        }
        if (TypeOf(bytes) is { } type)
            return new(bytes, type, Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, 9)));
        report("must be a PNG, JPEG, WebP or SVG picture; its content is none of these.");
        return null;
    }

    private static string? TypeOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) ? "image/png"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]) ? "image/jpeg"
        : bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? "image/webp"
        : bytes[..Math.Min(bytes.Length, 1024)].IndexOf("<svg"u8) >= 0 ? "image/svg+xml"
        : null;
}
