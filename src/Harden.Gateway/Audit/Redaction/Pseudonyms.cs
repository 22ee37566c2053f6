using System.Security.Cryptography;
using System.Text;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Audit.Redaction;

/// <summary>
/// What stands for a removed value so that equal values can be told without being read: <c>~k1:</c> and 72 bits of HMAC-SHA256. The file has one key a
/// line, <c>ID BASE64</c>; the first one is in use. A key is replaced by a line above it, and the ids tell old pseudonyms from new ones.
/// </summary>
internal sealed class Pseudonyms
{
    /// <summary>Bytes of a pseudonym with the longest id.</summary>
    public const int Longest = 1 + LongestId + 1 + 12;

    private const int LongestId = 16;

    private readonly byte[] key;
    private readonly byte[] prefix;

    private Pseudonyms(string id, byte[] key) => (prefix, this.key) = (Encoding.ASCII.GetBytes($"~{id}:"), key);

    /// <summary>Reads the keys, or creates a file with one that only its owner can read.</summary>
    /// <exception cref="ConfigurationException">The file holds no such keys.</exception>
    public static Pseudonyms Open(string path)
    {
        try
        {
            if (!File.Exists(path))
                Create(path);
            if (File.ReadLines(path).FirstOrDefault(static l => l.Length > 0) is not { } line)
                throw Refused(path);
            var parts = line.Trim().Split(' ');
            if (parts.Length != 2 || parts[0].Length is 0 or > LongestId || !parts[0].All(char.IsAsciiLetterOrDigit) || Convert.FromBase64String(parts[1]) is not { Length: >= 32 } key)
                throw Refused(path);
            return new(parts[0], key);
        }
        catch (FormatException)
        {
            throw Refused(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([new("Audit:PseudonymKey", path, $"can't be read or created: {e.Message}", "")]);
        }
    }

    /// <summary>What <see cref="Write"/> computes with, by one thread at a time: setting up the key costs more than most values.</summary>
    public IncrementalHash CreateHash() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);

    /// <summary>Writes the pseudonym of a value. Returns its length.</summary>
    public int Write(ReadOnlySpan<byte> value, IncrementalHash keyed, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        keyed.AppendData(value);
        keyed.GetHashAndReset(hash);
        prefix.CopyTo(destination);
        return prefix.Length + System.Buffers.Text.Base64Url.EncodeToUtf8(hash[..9], destination[prefix.Length..]);
    }

    private static ConfigurationException Refused(string path) =>
        new([new("Audit:PseudonymKey", path, "must be a file whose first line is an id of up to 16 letters and digits, a space, and a key of 32 bytes or more in base64, as made by: echo \"k2 $(openssl rand -base64 32)\"", "")]);

    private static void Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.WriteLine($"k1 {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}");
    }
}
