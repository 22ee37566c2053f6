using System.Net;
using Harden.Gateway.RateLimits;
using Harden.Gateway.Tests.Identity;
using Harden.Gateway.Tests.Infrastructure;
using Harden.Gateway.Tests.RateLimits;

namespace Harden.Gateway.Tests;

/// <summary>Limits, sessions and revocations of several replicas on a Redis Cluster, whose keys lie on several servers.</summary>
public sealed class RedisClusterTests : IAsyncLifetime
{
    private RedisCluster cluster = null!;

    public async Task InitializeAsync() => cluster = await RedisCluster.StartAsync();

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Theory]
    [InlineData(nameof(LimitKind.Rate))]
    [InlineData(nameof(LimitKind.Window))]
    [InlineData(nameof(LimitKind.Quota))]
    public async Task Limits_HoldOverReplicas_WhicheverServerKeepsACounter(string kind)
    {
        await using var one = await Replica.StartAsync(cluster);
        await using var two = await Replica.StartAsync(cluster);
        var policy = SharedLimiterTests.Policy("cluster", 50, kind);
        using var here = one.Limiter(policy, StoreFailure.Deny);
        using var there = two.Limiter(policy, StoreFailure.Deny);
        var nodes = new HashSet<RedisServer>();
        for (var owner = 0; owner < 12; owner++)
        {
            // A name with braces is a name like another: one key, wherever it lies.
            var name = $"tenant/{{{owner}}}";
            nodes.Add(cluster.NodeOf($"harden:test:limit:{(kind == "Quota" ? "quota" : "rate")}:cluster:{name}"));
            var passed = await Task.WhenAll(Replica.PassedAsync(here, 60, name), Replica.PassedAsync(there, 60, name));
            Assert.InRange(passed.Sum(), 30, 50);
        }
        Assert.True(nodes.Count > 1);
        Assert.Empty(one.Log.Lines);
        Assert.Empty(two.Log.Lines);
    }

    [Fact]
    public async Task ServerOfTheClusterThatDied_IsNotWaitedFor_AndTheOthersGoOn()
    {
        await using var replica = await Replica.StartAsync(cluster);
        var (policy, budget) = (SharedLimiterTests.Policy("cluster", 4, "Quota"), TimeSpan.FromSeconds(30));
        using var limiter = replica.Limiter(policy, StoreFailure.Deny, budget);
        var dead = cluster.Nodes[2];
        var names = Enumerable.Range(0, 100).Select(static i => $"tenant/{i}").ToLookup(name => cluster.NodeOf($"harden:test:limit:quota:cluster:{name}") == dead);
        Assert.Equal(1, await Replica.PassedAsync(limiter, 1, names[true].First()));

        dead.Kill();

        // Not until it times out: without a connection nothing is kept for later.
        await Replica.EventuallyAsync(async () =>
        {
            replica.Clock.Jump(TimeSpan.FromSeconds(2));
            return await Replica.PassedAsync(limiter, 1, names[true].Skip(1).First()) == 0;
        });
        replica.Clock.Jump(TimeSpan.FromMinutes(2));
        Assert.Equal(0, await Replica.PassedAsync(limiter, 1, names[true].Skip(1).First()));
        Assert.All(replica.Log.Lines, static line => Assert.DoesNotContain("no answer", line.Text, StringComparison.Ordinal));
        Assert.Contains(replica.Log.Lines, static line => line.Text.Contains("there is no connection", StringComparison.Ordinal));
        replica.Clock.Jump(TimeSpan.FromSeconds(2));
        Assert.Equal(4, await Replica.PassedAsync(limiter, 10, names[false].First()));
        Assert.DoesNotContain(replica.Log.Lines, static line => line.Text.Contains("tenant", StringComparison.Ordinal)); // whose counter it was
    }

    [Fact]
    public async Task SignedInAtOneReplica_IsSignedInAtTheOther_UntilRevoked()
    {
        await using var replicas = await Replicas.StartOnAsync(cluster.Nodes[0]);
        await replicas.SignInAndOutAsync();
        Assert.Empty(replicas.Warnings);
    }
}
