using System.Xml.Linq;
using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.Sessions.Store;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Harden.Gateway.Identity.Keys;

/// <summary>
/// The key ring that all replicas share, so that a sign-in begun at one can end at another. Its first key is made by one replica while the
/// others wait; what is known here is put back if Redis loses it.
/// </summary>
internal sealed partial class RedisKeyRepository(SharedState shared, Live<SessionOptions> live, ILogger<RedisKeyRepository> log) : IXmlRepository
{
    private static readonly TimeSpan LongestMaking = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly string replica = Guid.NewGuid().ToString("N");
    private string[] known = [];

    private string Key => $"{shared.Prefix}{{keys}}";

    private string MakingLock => Key + ":lock";

    public IReadOnlyCollection<XElement> GetAllElements() => ReadAsync().GetAwaiter().GetResult(); // the framework asks synchronously, once a day

    public void StoreElement(XElement element, string friendlyName)
    {
        var text = KeySeal.Close(element.ToString(SaveOptions.DisableFormatting), live.Current.KeySecret);
        shared.AskAsync(database => database.ListRightPushAsync(Key, text)).GetAwaiter().GetResult();
        lock (gate)
            known = [.. known, text];
        shared.AskAsync(database => database.LockReleaseAsync(MakingLock, replica)).GetAwaiter().GetResult();
    }

    /// <summary>Puts the ring back if Redis has lost it.</summary>
    /// <exception cref="SessionStoreException">Redis can't be asked.</exception>
    public async Task RestoreAsync()
    {
        if (known.Length == 0 || await shared.AskAsync(database => database.KeyExistsAsync(Key)))
            return;
        if (!await shared.AskAsync(database => database.LockTakeAsync(MakingLock, replica, LongestMaking)))
            return;
        if (!await shared.AskAsync(database => database.KeyExistsAsync(Key)))
            await shared.AskAsync(database => database.ListRightPushAsync(Key, [.. known.Select(static text => (StackExchange.Redis.RedisValue)text)]));
        await shared.AskAsync(database => database.LockReleaseAsync(MakingLock, replica));
    }

    private async Task<IReadOnlyCollection<XElement>> ReadAsync()
    {
        var values = await ListAsync().ConfigureAwait(false);
        // Two replicas that start at once would make a key each, and either's sign-ins would mean nothing to the other.
        for (var left = 100; values.Length == 0 && !await shared.AskAsync(database => database.LockTakeAsync(MakingLock, replica, LongestMaking)).ConfigureAwait(false); left--)
        {
            if (left == 0)
                throw new SessionStoreException("another replica began to make the keys and did not finish.");
            await Task.Delay(100).ConfigureAwait(false);
            values = await ListAsync().ConfigureAwait(false);
        }
        List<XElement> elements = [];
        foreach (var value in values)
        {
            if (KeySeal.Open(value, live.Current.KeySecret) is { } text)
                elements.Add(XElement.Parse(text));
            else
                Log.Unreadable(log);
        }
        lock (gate)
            known = values;
        return elements;
    }

    private async Task<string[]> ListAsync() =>
        [.. (await shared.AskAsync(database => database.ListRangeAsync(Key)).ConfigureAwait(false)).Select(static value => value.ToString())];

    private static partial class Log
    {
        [LoggerMessage(2050, LogLevel.Warning, "A key in Redis is not one that Session:KeySecret made, so it is not used: what was sealed with it can't be read here. Every replica needs the same Session:KeySecret.")]
        public static partial void Unreadable(ILogger log);
    }
}
