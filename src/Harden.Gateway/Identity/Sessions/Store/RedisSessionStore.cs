using StackExchange.Redis;

namespace Harden.Gateway.Identity.Sessions.Store;

/// <summary>
/// Sessions of all replicas, in Redis. Each is a hash under its name (in braces, so that a cluster keeps what belongs to it together) that
/// lives as long as the session may: <c>s</c> sealed state, <c>m</c> sealed summary, <c>v</c> version, <c>u</c> last use. Where one was
/// ended, <c>x</c> says why for a minute, for replicas that missed the message. Indexes may name sessions that are gone, never the
/// other way round: they are written first, and swept as they are used.
/// </summary>
internal sealed class RedisSessionStore : ISessionStore
{
    private const string Channel = "sessions";

    private const string Add = """
        redis.call('HMSET', KEYS[1], 's', ARGV[1], 'm', ARGV[2], 'v', ARGV[3], 'u', ARGV[4])
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        return 1
        """;

    private const string Check = """
        local found = redis.call('HMGET', KEYS[1], 'v', 'u', 'x')
        if found[1] and ARGV[1] ~= '' and tonumber(ARGV[1]) > (tonumber(found[2]) or 0) then
            redis.call('HSET', KEYS[1], 'u', ARGV[1])
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
            found[2] = ARGV[1]
        end
        return found
        """;

    private const string Replace = """
        if redis.call('HEXISTS', KEYS[1], 'v') == 0 then return 0 end
        redis.call('HMSET', KEYS[1], 's', ARGV[1], 'm', ARGV[2], 'v', ARGV[3])
        return 1
        """;

    private const string Remove = """
        local there = redis.call('HEXISTS', KEYS[1], 'v')
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'x', ARGV[1])
        redis.call('PEXPIRE', KEYS[1], 60000)
        return there
        """;

    private static readonly RedisValue[] SummaryFields = ["m", "u"];

    private readonly SharedState shared;
    private readonly SessionSeal seal;
    private readonly Configuration.Live<SessionOptions> live;
    private readonly TimeProvider time;

    public RedisSessionStore(SharedState shared, SessionSeal seal, Configuration.Live<SessionOptions> live, TimeProvider time)
    {
        (this.shared, this.seal, this.live, this.time) = (shared, seal, live, time);
        _ = shared.HearAsync(Channel, Hear);
    }

    public event Action<SessionEvent>? Happened;

    public async ValueTask AddAsync(SessionKey key, SessionState state)
    {
        var (sealedState, summary) = (seal.Close(key, state), seal.CloseSummary(SessionSummary.Of(key.Id, state, state.SignedIn)));
        await IndexAsync(All, key.Id, state);
        await IndexAsync(SubjectIndex(state.Subject.Key), key.Id, state);
        if (state.EntraSession.Length > 0)
            await IndexAsync(EntraIndex(state.EntraSession), key.Id, state);
        await shared.EvaluateAsync(Add, At(key.Id), sealedState, summary, state.Version, Milliseconds(state.SignedIn), Remaining(state, state.SignedIn));
    }

    public async ValueTask<(SessionState State, DateTimeOffset Used)?> ReadAsync(SessionKey key)
    {
        var found = await shared.AskAsync(database => database.HashGetAsync(At(key.Id), (RedisValue[])["s", "u"]));
        if (found[0].IsNull)
            return null;
        if (seal.Open(key, found[0]) is { } state && When(found[1]) is { } used)
            return (state, used);
        await RemoveAsync(key.Id, "session-unreadable"); // altered, moved, or sealed with keys that are no more: nobody gets in with it, now or later
        return null;
    }

    public async ValueTask<Pulse> CheckAsync(Session session, DateTimeOffset? used)
    {
        var reply = await shared.EvaluateAsync(Check, At(session.Key.Id),
            used is { } when ? Milliseconds(when) : RedisValue.EmptyString, used is { } then ? Remaining(session.State, then) : 0);
        var found = (RedisValue[])reply!;
        return !found[0].IsNull && found[0].TryParse(out long version) && When(found[1]) is { } last ? new(version, last, null)
            : Pulse.Gone(found[2].IsNull ? null : found[2].ToString());
    }

    public async ValueTask<bool> ReplaceAsync(SessionKey key, SessionState state)
    {
        var summary = seal.CloseSummary(SessionSummary.Of(key.Id, state, state.SignedIn));
        if ((long)await shared.EvaluateAsync(Replace, At(key.Id), seal.Close(key, state), summary, state.Version) == 0)
            return false;
        await shared.TellAsync(Channel, $"changed {key.Id}");
        return true;
    }

    public async ValueTask<bool> RemoveAsync(string id, string reason)
    {
        var there = (long)await shared.EvaluateAsync(Remove, At(id), reason) == 1;
        await shared.AskAsync(database => database.SortedSetRemoveAsync(All, id));
        await shared.TellAsync(Channel, $"ended {id} {reason}");
        return there;
    }

    public ValueTask<string[]> OfSubjectAsync(string subject) => MembersAsync(SubjectIndex(subject));

    public ValueTask<string[]> OfEntraSessionAsync(string sid) => MembersAsync(EntraIndex(sid));

    public async ValueTask<SessionPage> ListAsync(string? after, int count)
    {
        var cursor = SessionCursor.Parse(after);
        List<SessionSummary> sessions = [];
        for (var rounds = 0; rounds < 20; rounds++) // of sessions that are gone there may be many in a row: at most so many are cleared away for one page
        {
            var from = cursor?.Expires ?? double.PositiveInfinity;
            var entries = await shared.AskAsync(database => database.SortedSetRangeByScoreWithScoresAsync(All, Milliseconds(time.GetUtcNow()), from, Exclude.None, Order.Descending, 0, count + 16));
            var next = entries.Select(static e => new SessionCursor((long)e.Score, e.Element.ToString()))
                .Where(entry => cursor is not { } before || entry.CompareTo(before) < 0).ToArray();
            foreach (var entry in next)
            {
                if (sessions.Count == count)
                    return new(sessions, cursor!.Value.ToString());
                if (await SummaryAsync(entry.Id) is { } summary)
                    sessions.Add(summary);
                else
                    await shared.AskAsync(database => database.SortedSetRemoveAsync(All, entry.Id));
                cursor = entry;
            }
            if (entries.Length < count + 16)
                return new(sessions, null);
        }
        return new(sessions, cursor?.ToString());
    }

    public async ValueTask<string?> LockAsync(string id, TimeSpan longest)
    {
        var token = Guid.NewGuid().ToString("N");
        return await shared.AskAsync(database => database.LockTakeAsync(At(id) + ":lock", token, longest)) ? token : null;
    }

    public async ValueTask UnlockAsync(string id, string token) => await shared.AskAsync(database => database.LockReleaseAsync(At(id) + ":lock", token));

    public async ValueTask ReadyAsync() => await shared.AskAsync(static database => database.PingAsync());

    private string All => shared.Prefix + "sessions";

    private string At(string id) => $"{shared.Prefix}session:{{{id}}}";

    private string SubjectIndex(string subject) => $"{shared.Prefix}sessions-of:{{{subject}}}";

    private string EntraIndex(string sid) => $"{shared.Prefix}sessions-by-sid:{{{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(sid)))}}}";

    private Task<bool> IndexAsync(string index, string id, SessionState state) => shared.AskAsync(async database =>
    {
        var now = time.GetUtcNow();
        var sweep = database.SortedSetRemoveRangeByScoreAsync(index, double.NegativeInfinity, Milliseconds(now));
        var add = database.SortedSetAddAsync(index, id, Milliseconds(state.Expires));
        var expire = database.KeyExpireAsync(index, TimeSpan.FromDays(31)); // longer than any session
        await Task.WhenAll(sweep, add, expire);
        return true;
    });

    private async ValueTask<string[]> MembersAsync(string index) =>
        [.. (await shared.AskAsync(database => database.SortedSetRangeByScoreAsync(index, Milliseconds(time.GetUtcNow())))).Select(static member => member.ToString())];

    private async Task<SessionSummary?> SummaryAsync(string id)
    {
        var found = await shared.AskAsync(database => database.HashGetAsync(At(id), SummaryFields));
        return seal.OpenSummary(id, found[0]) is { } summary && When(found[1]) is { } used ? summary with { LastUsed = used } : null;
    }

    private void Hear(string message)
    {
        switch (message.Split(' '))
        {
            case ["changed", var id] when SessionKey.Parse(id) is { } changed:
                Happened?.Invoke(new(changed, null));
                break;
            case ["ended", var id, var reason] when SessionKey.Parse(id) is { } ended:
                Happened?.Invoke(new(ended, reason));
                break;
        }
    }

    // How long it may stay: until it is idle for too long or at its end, whichever comes first.
    private long Remaining(SessionState state, DateTimeOffset used)
    {
        var (now, idle) = (time.GetUtcNow(), used + live.Current.IdleTimeout);
        return Math.Max(1, (long)((idle < state.Expires ? idle : state.Expires) - now).TotalMilliseconds);
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset? When(RedisValue value) =>
        value.TryParse(out long milliseconds) && milliseconds is > 0 and < 253402300800000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
}
