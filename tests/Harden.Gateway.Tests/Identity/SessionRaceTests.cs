using System.Net;
using Harden.Gateway.Configuration;
using Harden.Gateway.Identity;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Identity.Sessions.Store;
using Harden.Gateway.Tests.Audit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harden.Gateway.Tests.Identity;

/// <summary>A session that ends at the very moment it is made, read, or can't be told of.</summary>
public sealed class SessionRaceTests : IDisposable
{
    private const string Key = $"{EntraUnderTest.Tenant}/de000000-0000-4000-8000-0000000000a3";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-test-");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SubjectRevokedWhileTheirSessionIsMadeOrRead_HasNone(bool made)
    {
        var (live, time, state) = (new Live<SessionOptions>(), TimeProvider.System, new StateDirectory(directory.FullName));
        var revocations = new Revocations(state, time, NullLogger<Revocations>.Instance);
        var memory = new MemorySessionStore(live, time);
        var interrupted = new InterruptedStore(memory);
        var table = new SessionTable(interrupted, revocations, new(state, time, NullLogger<EndedSessions>.Instance), live, time);
        var (handle, session) = (SessionCookie.NewHandle(), New());
        if (!made)
            await memory.AddAsync(SessionKey.Of(handle), session);

        interrupted.Meanwhile = () => revocations.RevokeAsync(Key);
        if (made)
            await table.AddAsync(handle, session);

        Assert.Null(await table.FindAsync(handle));
        Assert.Empty(table.Known);
    }

    [Fact]
    public void EndsThatAreOwed_OutliveTheGateway_UntilTheyAreTold()
    {
        var state = new StateDirectory(directory.FullName);
        EndedSessions Open() => new(state, TimeProvider.System, NullLogger<EndedSessions>.Instance);
        var ended = Open();
        ended.Owe(1, "session-revoked", known: true);
        ended.Owe(2, "signed-out", known: true);
        ended.Owe(3, "session-idle", known: true); // ends by itself wherever it is read
        ended.Save();

        var next = Open();
        Assert.Equal<(UInt128, string)>([(1, "session-revoked"), (2, "signed-out")], next.Owed.OrderBy(static owed => owed.Session).ToArray());
        Assert.True(next.Contains(1));
        next.Settle(1);
        next.Settle(2);
        next.Save();

        Assert.Empty(Open().Owed);
    }

    [Fact]
    public async Task SessionRevokedWhileRedisHangs_AtAGatewayThatEndsBeforeItIsBack_IsRevokedAllTheSame()
    {
        await using var replicas = await Replicas.StartAsync();
        var gateway = await replicas.StartGatewayAsync();
        using var browser = await replicas.SignInAsync();
        var handle = Replicas.HandleOf(browser);
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(gateway, handle));
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, handle));
        var file = Path.Combine(gateway.State, "revocations", "sessions");

        replicas.Redis.Freeze();
        await gateway.Services.GetRequiredService<SessionTable>().EndAsync(handle, "session-revoked");
        await Recorded.Until(() => File.Exists(file) && File.ReadAllText(file).Contains(SessionKey.Of(handle).Id, StringComparison.Ordinal) ? "" : null, "the end on disk");
        var after = Path.Combine(directory.FullName, "revocations");
        Directory.CreateDirectory(after);
        File.Copy(file, Path.Combine(after, "sessions"));
        await gateway.DisposeAsync();
        replicas.Redis.Thaw();

        await using var restarted = await replicas.StartGatewayAsync($"StateDirectory={directory.FullName}");

        await Replicas.UntilAsync(replicas.Other, handle, HttpStatusCode.Unauthorized);
        await Recorded.Until(() => File.ReadAllText(Path.Combine(after, "sessions")).Length == 0 ? "" : null, "nothing owed");
    }

    public void Dispose() => directory.Delete(recursive: true);

    private static SessionState New()
    {
        var now = DateTimeOffset.UtcNow;
        return new()
        {
            Subject = new() { Tenant = EntraUnderTest.Tenant, ObjectId = "de000000-0000-4000-8000-0000000000a3", Scheme = "session" },
            SignedIn = now, Expires = now.AddHours(1), ClaimsAt = now,
        };
    }

    /// <summary>A store during whose work something else happens.</summary>
    private sealed class InterruptedStore(ISessionStore store) : ISessionStore
    {
        public event Action<SessionEvent>? Happened
        {
            add => store.Happened += value;
            remove => store.Happened -= value;
        }

        public Func<Task>? Meanwhile { get; set; }

        public async ValueTask AddAsync(SessionKey key, SessionState state)
        {
            await store.AddAsync(key, state);
            await InterruptAsync();
        }

        public async ValueTask<(SessionState State, DateTimeOffset Used)?> ReadAsync(SessionKey key)
        {
            var read = await store.ReadAsync(key);
            await InterruptAsync();
            return read;
        }

        public ValueTask<Pulse> CheckAsync(Session session, DateTimeOffset? used) => store.CheckAsync(session, used);

        public ValueTask<bool> ReplaceAsync(SessionKey key, SessionState state) => store.ReplaceAsync(key, state);

        public ValueTask<bool> RemoveAsync(string id, string reason) => store.RemoveAsync(id, reason);

        public ValueTask<string[]> OfSubjectAsync(string subject) => store.OfSubjectAsync(subject);

        public ValueTask<string[]> OfEntraSessionAsync(string sid) => store.OfEntraSessionAsync(sid);

        public ValueTask<SessionPage> ListAsync(string? after, int count) => store.ListAsync(after, count);

        public ValueTask<string?> LockAsync(string id, TimeSpan longest) => store.LockAsync(id, longest);

        public ValueTask UnlockAsync(string id, string token) => store.UnlockAsync(id, token);

        public ValueTask ReadyAsync() => store.ReadyAsync();

        private async Task InterruptAsync()
        {
            if (Meanwhile is { } meanwhile)
                await meanwhile();
        }
    }
}
