using Harden.Gateway.Configuration;
using Harden.Gateway.Identity;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Identity.Sessions.Store;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Harden.Gateway.Tests.Identity;

/// <summary>What every store has to do.</summary>
public abstract class SessionStoreTests : IAsyncLifetime
{
    private const string Subject = EntraUnderTest.Tenant + "/de000000-0000-4000-8000-0000000000a3";

    private protected ISessionStore Store { get; private set; } = null!;

    private protected Live<SessionOptions> Options { get; } = new();

    public async Task InitializeAsync() => Store = await OpenAsync();

    public abstract Task DisposeAsync();

    private protected abstract Task<ISessionStore> OpenAsync();

    [Fact]
    public async Task WhatIsAdded_IsRead()
    {
        var (key, state) = await AddAsync();

        var (read, used) = (await Store.ReadAsync(key))!.Value;

        Assert.Equal(state.Subject.Key, read.Subject.Key);
        Assert.Equal(["Admin", "Über"], read.Subject.Roles);
        Assert.Equal(state with { Subject = read.Subject }, read);
        Assert.InRange(used, state.SignedIn.AddMilliseconds(-1), state.SignedIn.AddMilliseconds(1));
        Assert.Null(await Store.ReadAsync(NewKey()));
    }

    [Fact]
    public async Task WhatIsRemoved_IsGone_AndEveryoneHearsWhy()
    {
        var (key, state) = await AddAsync();
        var heard = Next();

        Assert.True(await Store.RemoveAsync(key.Id, "signed-out"));

        Assert.Equal(new SessionEvent(key.Number, "signed-out"), await heard);
        Assert.Null(await Store.ReadAsync(key));
        Assert.True((await Store.CheckAsync(SessionOf(key, state), null)).IsGone);
        Assert.False(await Store.ReplaceAsync(key, state));
        Assert.Null(await Store.ReadAsync(key)); // a renewal under way doesn't bring it back
        Assert.False(await Store.RemoveAsync(key.Id, "signed-out"));
    }

    [Fact]
    public async Task Replacement_HasAnotherVersion()
    {
        var (key, state) = await AddAsync();
        var session = SessionOf(key, state);
        Assert.Equal(state.Version, (await Store.CheckAsync(session, null)).Version);
        var heard = Next();

        var next = state with { ClaimsAt = state.ClaimsAt.AddMinutes(1), RefreshToken = "the next" };
        Assert.True(await Store.ReplaceAsync(key, next));

        Assert.Equal(new SessionEvent(key.Number, null), await heard);
        Assert.Equal(next.Version, (await Store.CheckAsync(session, null)).Version);
        Assert.Equal("the next", (await Store.ReadAsync(key))!.Value.State.RefreshToken);
    }

    [Fact]
    public async Task Use_IsNoted_AndNeverGoesBack()
    {
        var (key, state) = await AddAsync();
        var session = SessionOf(key, state);
        var later = state.SignedIn.AddMinutes(5);

        Assert.InRange((await Store.CheckAsync(session, later)).Used, later.AddMilliseconds(-1), later);
        Assert.InRange((await Store.CheckAsync(session, state.SignedIn.AddMinutes(1))).Used, later.AddMilliseconds(-1), later);
    }

    [Fact]
    public async Task Indexes_FindSubjectAndEntraSession()
    {
        var (one, _) = await AddAsync(sid: "first");
        var (other, _) = await AddAsync(sid: "second");

        Assert.Equal(new[] { one.Id, other.Id }.Order(), (await Store.OfSubjectAsync(Subject)).Order());
        Assert.Equal([other.Id], await Store.OfEntraSessionAsync("second"));
        Assert.Empty(await Store.OfSubjectAsync(Subject[..^1] + "4"));
        Assert.Empty(await Store.OfEntraSessionAsync("third"));
    }

    [Fact]
    public async Task List_PagesThroughAllOnce_NewestFirst_WithoutThoseThatEnded()
    {
        List<string> added = [];
        var now = DateTimeOffset.UtcNow;
        for (var i = 0; i < 25; i++)
            added.Add((await AddAsync(from: now.AddSeconds(i / 3))).Key.Id); // some at the same instant
        await Store.RemoveAsync(added[7], "signed-out");

        List<SessionSummary> found = [];
        string? after = null;
        do
        {
            var page = await Store.ListAsync(after, 10);
            Assert.InRange(page.Sessions.Count, 1, 10);
            found.AddRange(page.Sessions);
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(added.Where((_, i) => i != 7).Order(), found.Select(static s => s.Id).Order());
        Assert.Equal(found.Select(static s => s.Expires).OrderDescending(), found.Select(static s => s.Expires));
        Assert.All(found, static s => Assert.Equal((Subject, "Max", "session"), (s.Subject, s.Name, s.Scheme)));
    }

    [Fact]
    public async Task Lock_IsForOne_UntilItIsGivenBackOrForgotten()
    {
        var (key, _) = await AddAsync();
        var token = await Store.LockAsync(key.Id, TimeSpan.FromSeconds(30));
        Assert.NotNull(token);
        Assert.Null(await Store.LockAsync(key.Id, TimeSpan.FromSeconds(30)));
        await Store.UnlockAsync(key.Id, "not the token");
        Assert.Null(await Store.LockAsync(key.Id, TimeSpan.FromSeconds(30)));
        await Store.UnlockAsync(key.Id, token);

        Assert.NotNull(await Store.LockAsync(key.Id, TimeSpan.FromMilliseconds(50)));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await Store.LockAsync(key.Id, TimeSpan.FromSeconds(30)) is null)
            await Task.Delay(10, limit.Token);
    }

    private protected static SessionKey NewKey() => SessionKey.Of(SessionCookie.NewHandle());

    private protected static Session SessionOf(SessionKey key, SessionState state) => new(key, state, state.SignedIn, state.SignedIn);

    private protected async Task<(SessionKey Key, SessionState State)> AddAsync(string sid = "sid", DateTimeOffset? from = null)
    {
        var now = from ?? DateTimeOffset.UtcNow;
        var key = NewKey();
        var state = new SessionState
        {
            Subject = new() { Tenant = EntraUnderTest.Tenant, ObjectId = "de000000-0000-4000-8000-0000000000a3", Name = "Max", Roles = ["Admin", "Über"], Scheme = "session" },
            SignedIn = now,
            Expires = now.AddHours(12),
            ClaimsAt = now,
            EntraSession = sid,
            RefreshToken = "canary-refresh-token",
        };
        await Store.AddAsync(key, state);
        return (key, state);
    }

    private Task<SessionEvent> Next()
    {
        var heard = new TaskCompletionSource<SessionEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.Happened += what => heard.TrySetResult(what);
        return heard.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }
}

public sealed class MemorySessionStoreTests : SessionStoreTests
{
    public override Task DisposeAsync() => Task.CompletedTask;

    private protected override Task<ISessionStore> OpenAsync() => Task.FromResult<ISessionStore>(new MemorySessionStore(Options, TimeProvider.System));
}

public sealed class ClusteredSessionStoreTests : SessionStoreTests
{
    private RedisCluster cluster = null!;
    private RedisConnection connection = null!;

    public override async Task DisposeAsync()
    {
        await connection.DisposeAsync();
        await cluster.DisposeAsync();
    }

    private protected override async Task<ISessionStore> OpenAsync()
    {
        cluster = await RedisCluster.StartAsync();
        connection = new(ConfigurationOptions.Parse(cluster.ConnectionString), "harden:test:", NullLogger<RedisConnection>.Instance);
        await RedisCluster.ConnectedAsync(connection);
        Options.Swap(new() { StoreTimeout = TimeSpan.FromSeconds(5) });
        var store = new RedisSessionStore(new SharedState(connection, Options, TimeProvider.System, NullLogger<SharedState>.Instance), new(new EphemeralDataProtectionProvider()), Options, TimeProvider.System);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!(await Task.WhenAll(cluster.Nodes.Select(static n => n.SayAsync("PUBSUB CHANNELS")))).Any(static said => said != "*0"))
            await Task.Delay(10, limit.Token);
        return store;
    }
}

public sealed class RedisSessionStoreTests : SessionStoreTests
{
    private RedisServer server = null!;
    private RedisConnection connection = null!;
    private ConnectionMultiplexer redis = null!;

    public override async Task DisposeAsync()
    {
        redis.Dispose();
        await connection.DisposeAsync();
        await server.DisposeAsync();
    }

    private protected override async Task<ISessionStore> OpenAsync()
    {
        server = await RedisServer.StartAsync();
        redis = await server.ConnectAsync();
        connection = new(ConfigurationOptions.Parse(server.ConnectionString), "harden:test:", NullLogger<RedisConnection>.Instance);
        await connection.FirstAttempt;
        Options.Swap(new() { StoreTimeout = TimeSpan.FromSeconds(5) }); // a cold start compiles
        var store = new RedisSessionStore(new SharedState(connection, Options, TimeProvider.System, NullLogger<SharedState>.Instance), new(new EphemeralDataProtectionProvider()), Options, TimeProvider.System);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((long)await redis.GetDatabase().ExecuteAsync("PUBSUB", "NUMPAT") + ((RedisValue[])(await redis.GetDatabase().ExecuteAsync("PUBSUB", "NUMSUB", "harden:test:sessions"))!).Sum(static v => v.TryParse(out long n) ? n : 0) == 0)
            await Task.Delay(10, limit.Token);
        return store;
    }

    [Fact]
    public async Task AtRest_NothingCanBeRead_AndEverythingLapses()
    {
        var (key, _) = await AddAsync(sid: "canary-sid");

        var database = redis.GetDatabase();
        foreach (var name in redis.GetServer(redis.GetEndPoints()[0]).Keys(pattern: "*"))
        {
            Assert.NotNull(await database.KeyTimeToLiveAsync(name));
            var content = (byte[])(await database.ExecuteAsync("DUMP", name))!;
            foreach (var secret in (string[])["canary-refresh-token", "canary-sid", "Max", "Admin"])
                Assert.DoesNotContain(secret, System.Text.Encoding.Latin1.GetString(content) + (string)name!, StringComparison.Ordinal);
        }
        Assert.InRange((await database.KeyTimeToLiveAsync(At(key)))!.Value, TimeSpan.FromMinutes(119), TimeSpan.FromMinutes(120)); // the idle timeout
    }

    [Fact]
    public async Task ValueThatWasAltered_OrMovedToAnotherName_IsRefused()
    {
        var database = redis.GetDatabase();
        var (one, _) = await AddAsync();
        var (other, _) = await AddAsync();
        var (stolen, mine) = ((byte[])(await database.HashGetAsync(At(one), "s"))!, await AddAsync());
        await database.HashSetAsync(At(other), "s", stolen);
        Assert.Null(await Store.ReadAsync(other));
        Assert.NotNull(await Store.ReadAsync(one));

        for (var part = 0; part <= 23; part++)
        {
            var (key, _) = await AddAsync();
            var value = (byte[])(await database.HashGetAsync(At(key), "s"))!;
            value[(value.Length - 1) * part / 23] ^= 1; // of its own length: two states are rarely equally long
            await database.HashSetAsync(At(key), "s", value);
            Assert.Null(await Store.ReadAsync(key));
        }
        foreach (var garbage in (RedisValue[])["", "x", new byte[200]])
        {
            var (key, state) = await AddAsync();
            await database.HashSetAsync(At(key), [new("s", garbage)]);
            Assert.Null(await Store.ReadAsync(key));
            var (next, nextState) = await AddAsync();
            await database.HashSetAsync(At(next), [new("u", garbage), new("v", garbage)]);
            Assert.True((await Store.CheckAsync(SessionOf(next, nextState), null)).IsGone);
        }
        await database.HashSetAsync(At(mine.Key), "m", stolen);
        Assert.DoesNotContain((await Store.ListAsync(null, 100)).Sessions, s => s.Id == mine.Key.Id);
    }

    [Fact]
    public async Task Handle_IsNeededToRead_AndKeysToWrite()
    {
        var (key, state) = await AddAsync();
        var seal = new SessionSeal(new EphemeralDataProtectionProvider());
        await redis.GetDatabase().HashSetAsync(At(key), "s", seal.Close(key, state)); // whoever knows a handle, such as their own, but not the keys
        Assert.Null(await Store.ReadAsync(key));

        var stranger = NewKey();
        Assert.Null(seal.Open(stranger, seal.Close(key, state)));
    }

    private static string At(SessionKey key) => $"harden:test:session:{{{key.Id}}}";
}
