using System.Security.Cryptography;
using Harden.Gateway.Configuration;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;

namespace Harden.Gateway.Proxy.Identity;

/// <summary>
/// Lets every replica show the public keys of all: each keeps its private keys to itself and puts the public ones into Redis. Without
/// Redis, or while it is away, a replica shows its own and those it has seen. What lies there is sealed with the key ring that the replicas
/// share, so that nobody who merely writes to Redis has a key shown.
/// </summary>
internal sealed partial class SharedAssertionKeys(
    AssertionKeys keys, Live<PrototypeOptions> live, IDataProtectionProvider protection, TimeProvider time, ILogger<SharedAssertionKeys> log, RedisConnection? redis = null) : BackgroundService
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(5);

    // Longer than a replica may need to come back, and than anyone keeps a key set.
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private readonly ITimeLimitedDataProtector seal = protection.CreateProtector("Harden.AssertionKeys.v1").ToTimeLimitedDataProtector();
    private volatile string[] others = [];

    /// <summary>Public keys that replicas have put there, this one's among them.</summary>
    public IReadOnlyList<string> Others => others;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (redis is null)
            return;
        await Task.WhenAny(redis.FirstAttempt, Task.Delay(Timeout.Infinite, stoppingToken));
        var told = false;
        using var timer = new PeriodicTimer(Often, time);
        do
        {
            try
            {
                if (live.Current.Identity.Assertion && redis.Database is { } database)
                    await ExchangeAsync(database);
                told = false;
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException or CryptographicException)
            {
                if (!told)
                    Log.Away(log, e.Message);
                told = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ExchangeAsync(IDatabase database)
    {
        var now = time.GetUtcNow();
        RedisKey key = redis!.Prefix + "assertion-keys";
        foreach (var own in keys.All(live.Current.Identity.AssertionKeyLifetime, now))
            await database.HashSetAsync(key, own.Id, seal.Protect(own.Jwk, now + Forgotten));
        await database.KeyExpireAsync(key, Forgotten);
        List<string> found = [];
        foreach (var entry in await database.HashGetAllAsync(key))
        {
            if (Open(entry.Value) is { } jwk)
                found.Add(jwk);
            else
                await database.HashDeleteAsync(key, entry.Name);
        }
        others = [.. found];
    }

    // Null for what is too old, was put there by somebody else, or was sealed with a key ring that is no more.
    private string? Open(RedisValue value)
    {
        try
        {
            return seal.Unprotect(value.ToString(), out _);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(7032, LogLevel.Warning, "The public keys of the other replicas can't be read from Redis, so /.harden/jwks.json shows those known so far: {Reason}")]
        public static partial void Away(ILogger log, string reason);
    }
}
