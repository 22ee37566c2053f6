using System.Globalization;
using Harden.Gateway.Identity.Sessions.Store;

namespace Harden.Gateway.Identity;

/// <summary>Revocations of all replicas in Redis: a sorted set of subjects by when they were revoked, and a message for each.</summary>
internal sealed class SharedRevocations(SharedState shared)
{
    private const string Channel = "revocations";

    private string Key => shared.Prefix + "revoked";

    /// <summary>Tells every replica.</summary>
    public async Task TellAsync(string subject, DateTimeOffset at)
    {
        var milliseconds = at.ToUnixTimeMilliseconds();
        await shared.AskAsync(database => database.SortedSetAddAsync(Key, subject, milliseconds));
        await shared.TellAsync(Channel, string.Create(CultureInfo.InvariantCulture, $"{milliseconds} {subject}"));
    }

    /// <summary>All there are, but for those from before a time, which nobody needs any more.</summary>
    public async Task<Dictionary<string, DateTimeOffset>> ReadAsync(DateTimeOffset since)
    {
        var found = await shared.AskAsync(async database =>
        {
            var sweep = database.SortedSetRemoveRangeByScoreAsync(Key, double.NegativeInfinity, since.ToUnixTimeMilliseconds());
            var read = database.SortedSetRangeByScoreWithScoresAsync(Key, since.ToUnixTimeMilliseconds());
            await sweep;
            return await read;
        });
        return found.ToDictionary(static e => e.Element.ToString(), static e => DateTimeOffset.FromUnixTimeMilliseconds((long)e.Score), StringComparer.Ordinal);
    }

    /// <summary>Hears what other replicas revoke.</summary>
    public Task HearAsync(Action<string, DateTimeOffset> learn) => shared.HearAsync(Channel, message =>
    {
        if (message.Split(' ', 2) is [var when, var subject] && long.TryParse(when, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is > 0 and < 253402300800000)
            learn(subject, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
    });
}
