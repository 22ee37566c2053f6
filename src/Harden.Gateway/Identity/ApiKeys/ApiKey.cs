using System.Buffers.Binary;

namespace Harden.Gateway.Identity.ApiKeys;

/// <summary>One configured key, as it is in force.</summary>
internal sealed class ApiKey
{
    private readonly CancellationTokenSource ended;

    /// <param name="options">Its entry.</param>
    /// <param name="before">The same key before a reload: what runs on it goes on.</param>
    public ApiKey(ApiKeyOptions options, ApiKey? before)
    {
        Options = options;
        Hash = Convert.FromHexString(options.Hash.AsSpan(ApiKeySecret.HashPrefix.Length));
        Subject = new() { Tenant = "apikey", ObjectId = options.Name, Name = options.Name, Roles = options.Roles, Scheme = "apikey" };
        ended = before?.ended ?? new();
    }

    /// <summary>Its entry.</summary>
    public ApiKeyOptions Options { get; }

    /// <summary>SHA-256 of the key.</summary>
    public byte[] Hash { get; }

    /// <summary>Who it stands for.</summary>
    public Subject Subject { get; }

    /// <summary>Cancelled when the key ends, so that what is still running on it ends too.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>The beginning of the hash, to find it by.</summary>
    public ulong Index => BinaryPrimitives.ReadUInt64LittleEndian(Hash);

    /// <summary>Why it isn't good, in a stable word; null if it is.</summary>
    public string? Problem(DateTimeOffset now) => Options.Revoked ? "key-revoked" : now >= Options.Expires ? "key-expired" : null;

    /// <summary>True if what runs on the other key may run on under this one: the app was told the same of both.</summary>
    public bool Continues(ApiKey other) => Hash.AsSpan().SequenceEqual(other.Hash) && Options.Name == other.Options.Name && Options.Roles.AsSpan().SequenceEqual(other.Options.Roles);

    /// <summary>Ends what is running on it.</summary>
    public void End() => ended.Cancel();
}
