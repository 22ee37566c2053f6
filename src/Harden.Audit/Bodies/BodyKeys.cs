using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Harden.Audit.Bodies;

/// <summary>
/// The keys of sealed bodies: a file with one key of 32 bytes in base64 a line. The first one seals; all of them open, so a key is
/// rotated by putting a new line on top, and destroyed with all it sealed by taking its line out.
/// </summary>
internal sealed class BodyKeys
{
    private readonly BodyKey[] keys;

    private BodyKeys(BodyKey[] keys) => this.keys = keys;

    /// <summary>The key that seals.</summary>
    public BodyKey Current => keys[0];

    /// <summary>The key with this id; null if it is not there.</summary>
    public BodyKey? Find(ReadOnlySpan<byte> id)
    {
        foreach (var key in keys)
        {
            if (key.Id.AsSpan().SequenceEqual(id))
                return key;
        }
        return null;
    }

    /// <summary>Reads the file, or creates it with a key of its own, readable by its owner only.</summary>
    /// <exception cref="AuditLogException">It holds no keys.</exception>
    public static BodyKeys OpenOrCreate(string path)
    {
        if (!File.Exists(path))
            Create(path);
        return Open(path);
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="AuditLogException">It can't be read or holds no keys.</exception>
    public static BodyKeys Open(string path)
    {
        try
        {
            var lines = File.ReadAllLines(path).Where(static l => l.Trim().Length > 0 && !l.StartsWith('#')).ToArray();
            var keys = lines.Select(static l => TryRead(l.Trim())).ToArray();
            if (keys.Length > 0 && !keys.Contains(null))
                return new(keys!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AuditLogException($"The keys of recorded bodies can't be read: {e.Message}", e);
        }
        throw new AuditLogException($"{path} does not hold keys of 32 bytes in base64, one a line. Make one with: openssl rand -base64 32");
    }

    private static BodyKey? TryRead(string line)
    {
        var bytes = new byte[33];
        return Base64.DecodeFromUtf8(Encoding.UTF8.GetBytes(line), bytes, out _, out var length) == System.Buffers.OperationStatus.Done && length == 32 ? new(bytes[..32]) : null;
    }

    private static void Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n"));
        file.Flush(flushToDisk: true); // a power cut must not leave bodies that nothing opens
    }
}

/// <summary>One key, and the keys derived from it: none serves two purposes.</summary>
internal sealed class BodyKey(byte[] secret)
{
    /// <summary>Bytes of an id.</summary>
    public const int IdLength = 8;

    /// <summary>Names the key in a frame; tells nothing of it.</summary>
    public byte[] Id { get; } = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, IdLength, info: "harden body key id"u8.ToArray());

    private readonly byte[] mac = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "harden body hmac"u8.ToArray());

    /// <summary>The keyed hash of a body: equal bodies have equal ones, and who has no key can't guess the body from it.</summary>
    public void Hash(ReadOnlySpan<byte> body, Span<byte> into) => HMACSHA256.HashData(mac, body, into);

    /// <summary>The same for many bodies, by one thread at a time: setting up the key costs as much as 1 KiB of body.</summary>
    public IncrementalHash CreateHash() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, mac);

    /// <summary>The key of many seals: a salt for each start at least, so that no two processes seal with the same key.</summary>
    public byte[] SealKey(ReadOnlySpan<byte> salt)
    {
        var key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt, "harden body seal"u8);
        return key;
    }
}
