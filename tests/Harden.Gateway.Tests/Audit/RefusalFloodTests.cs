using System.Net;
using Harden.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Audit;

/// <summary>A flood of refusals must neither fill the disk nor push the rest out of a record of bounded size, and what it was must be on record all the same.</summary>
public sealed class RefusalFloodTests : IAsyncLifetime
{
    private TestPrototype prototype = null!;

    public async Task InitializeAsync() => prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));

    public async Task DisposeAsync() => await prototype.DisposeAsync();

    [Fact]
    public async Task FloodFromOneAddress_IsCounted_WithWhoAndWhatAndHowMany()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Access:Default=SignedIn", "RateLimits:Defaults=false");

        await SendAsync(gateway, 1000, "/admin/password=canary");
        var views = await Recorded.Until(() => Found(gateway.Reader()) is var found && found.Sum(static v => 1 + v.Entry.Decision!.More) == 1000 ? found : null, "a record of all");

        Assert.InRange(views.Length, 101, 250); // a tenth of 100 a second, for ten seconds at once
        var counted = views.Where(static v => v.Entry.Decision!.More > 0).ToArray();
        Assert.NotEmpty(counted);
        foreach (var view in counted)
        {
            Assert.Equal((EntryStage.Denial, "signIn", "not-signed-in", 401), (view.Entry.Stage, view.Entry.Decision!.Action, view.Entry.Decision.Reason, view.Entry.Http!.Status));
            Assert.Equal(("127.0.0.1", "127.0.0.1", "GET"), (view.Entry.Source!.Client, view.Entry.Source.Peer, view.Entry.Http.Method));
            Assert.StartsWith("/admin/", view.Entry.Http.Path, StringComparison.Ordinal);
            Assert.InRange(view.Entry.Decision.Since!.Value, view.Time - TimeSpan.FromSeconds(30), view.Time);
            Assert.False(view.Entry.Decision.SeveralClients);
        }
        Assert.Equal(1000, views.Length + counted.Sum(static v => v.Entry.Decision!.More));
        Assert.Contains("harden_audit_refusals_counted_total", await gateway.Client.GetStringAsync(new Uri(gateway.Console, "/metrics")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsCounted_IsOnRecordAtTheLatestWhenTheGatewayStops()
    {
        var state = Directory.CreateTempSubdirectory("harden-test-");
        await using (var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Access:Default=SignedIn", "RateLimits:Defaults=false", "Audit:RefusalsPerSecond=1", $"StateDirectory={state.FullName}"))
            await SendAsync(gateway, 50, "/x");

        var views = Found(new(Path.Combine(state.FullName, "audit")));
        Assert.InRange(views.Length, 2, 20);
        Assert.Equal(50, views.Sum(static v => 1 + v.Entry.Decision!.More));
        state.Delete(recursive: true);
    }

    [Fact]
    public async Task WhatReachesTheApp_AndWhoIsKnown_IsNeverCountedTogether()
    {
        var key = ApiKeySecret.Create();
        var hash = ApiKeySecret.HashText(key);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:RefusalsPerSecond=1", "RateLimits:Defaults=false",
            "ApiKeys:Keys:0:Name=import", "ApiKeys:Keys:0:Expires=2099-01-01T00:00:00Z", $"ApiKeys:Keys:0:Hash={hash}",
            "Access:Rules:0:Name=import", "Access:Rules:0:Paths:0=/import", "Access:Rules:0:Keys:0=import",
            "Access:Rules:1:Name=people", "Access:Rules:1:Paths:0=/people", "Access:Rules:1:Allow=SignedIn", "Access:Default=Anonymous");

        await SendAsync(gateway, 100, "/open");
        await SendAsync(gateway, 100, "/people", key);

        var views = await Recorded.Until(() => gateway.Reader().Read().ToArray() is { Length: 200 } all ? all : null, "a record of each");
        Assert.Equal(100, views.Count(static v => v.Entry is { Http.Path: "/people", Decision.Action: "deny", Actor.Subject: "import" }));
    }

    [Fact]
    public async Task ZeroMeansThatEachIsRecorded()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Access:Default=SignedIn", "RateLimits:Defaults=false", "Audit:RefusalsPerSecond=0");

        await SendAsync(gateway, 300, "/x");
        await Recorded.Until(() => Found(gateway.Reader()).Length == 300 ? "" : null, "a record of each");
    }

    private static AuditView[] Found(AuditReader reader) => [.. reader.Read().Where(static v => v.Entry.Stage == EntryStage.Denial)];

    private static async Task SendAsync(GatewayUnderTest gateway, int requests, string path, string? key = null)
    {
        using var client = new HttpClient { BaseAddress = gateway.Address };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, stop) =>
        {
            using var answer = await client.GetAsync($"{path}?i={i}", stop);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.OK, $"{answer.StatusCode}");
        });
    }
}
