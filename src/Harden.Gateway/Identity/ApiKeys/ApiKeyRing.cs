using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity.ApiKeys;

/// <summary>
/// The keys in force. A reload replaces them at once; whatever runs on a key that is gone, revoked or has expired is ended, not only what
/// comes next.
/// </summary>
internal sealed partial class ApiKeyRing : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1); // timers know no years

    private readonly Live<ApiKeysOptions> live;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly ITimer expiry;
    private readonly Lock gate = new();
    private FrozenDictionary<ulong, ApiKey> keys = FrozenDictionary<ulong, ApiKey>.Empty;

    public ApiKeyRing(Live<ApiKeysOptions> live, TimeProvider time, ILogger<ApiKeyRing> log)
    {
        (this.live, this.time, this.log) = (live, time, log);
        expiry = time.CreateTimer(static ring => ((ApiKeyRing)ring!).EndExpired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Load();
        live.Changed += Load;
    }

    /// <summary>Header that may carry a key.</summary>
    public string Header => live.Current.Header;

    /// <summary>The key of that secret, and why it isn't good if it isn't.</summary>
    public (ApiKey? Key, string? Problem) Find(ReadOnlySpan<char> secret)
    {
        if (!ApiKeySecret.IsWellFormed(secret))
            return (null, "key-malformed");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        ApiKeySecret.Hash(secret, hash);
        // The index only narrows the search. How long it takes tells the sender something of the hash of what they sent, and nothing of a key.
        return Volatile.Read(ref keys).TryGetValue(BinaryPrimitives.ReadUInt64LittleEndian(hash), out var key) && CryptographicOperations.FixedTimeEquals(hash, key.Hash)
            ? (key, key.Problem(time.GetUtcNow()))
            : (null, "key-unknown");
    }

    public void Dispose()
    {
        live.Changed -= Load;
        expiry.Dispose();
    }

    private void Load()
    {
        lock (gate)
        {
            var old = keys;
            var next = live.Current.Keys.Select(entry => With(entry, old)).ToFrozenDictionary(static key => key.Index);
            Volatile.Write(ref keys, next);
            foreach (var (index, key) in old)
            {
                if (!next.TryGetValue(index, out var now) || !now.Continues(key))
                    key.End();
            }
        }
        var today = time.GetUtcNow();
        foreach (var key in keys.Values.Where(key => !key.Options.Revoked && key.Options.Expires - today < Soon))
        {
            if (key.Problem(today) is null)
                Log.Expires(log, key.Options.Name, key.Options.Expires!.Value);
            else
                Log.Expired(log, key.Options.Name, key.Options.Expires!.Value);
        }
        EndExpired();
    }

    private static ApiKey With(ApiKeyOptions entry, FrozenDictionary<ulong, ApiKey> old)
    {
        var key = new ApiKey(entry, null);
        return old.TryGetValue(key.Index, out var before) && key.Continues(before) && !before.Ended.IsCancellationRequested ? new(entry, before) : key;
    }

    // A stream asks once and then no more, so nobody would notice that its key is over.
    private void EndExpired()
    {
        var now = time.GetUtcNow();
        var wait = LongestWait;
        foreach (var key in Volatile.Read(ref keys).Values)
        {
            if (key.Problem(now) is not null)
                key.End();
            else if (key.Options.Expires - now < wait)
                wait = key.Options.Expires!.Value - now;
        }
        expiry.Change(wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan); // timers round down
    }

    private static partial class Log
    {
        [LoggerMessage(2080, LogLevel.Warning, "The API key \"{Name}\" expires {Expires:u}. Make another with harden key create, and add it beside this one until all its users have changed.")]
        public static partial void Expires(ILogger log, string name, DateTimeOffset expires);

        [LoggerMessage(2081, LogLevel.Warning, "The API key \"{Name}\" expired {Expires:u} and is refused. Take it out of ApiKeys:Keys.")]
        public static partial void Expired(ILogger log, string name, DateTimeOffset expires);
    }
}
