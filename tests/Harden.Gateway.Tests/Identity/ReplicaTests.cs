using System.Net;
using Harden.Audit;
using Harden.Gateway.Identity;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Identity;

/// <summary>Two gateways on one Redis.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private const string Member = EntraUnderTest.Tenant + "/de000000-0000-4000-8000-0000000000a3";

    private Replicas replicas = null!;

    public async Task InitializeAsync() => replicas = await Replicas.StartAsync();

    public async Task DisposeAsync() => await replicas.DisposeAsync();

    [Fact]
    public Task SignedInAtOne_IsSignedInAtTheOther_UntilSignedOutAtEither() => replicas.SignInAndOutAsync();

    [Fact]
    public async Task SignInBegunAtOne_EndsAtTheOther_WithANewHandle()
    {
        using var browser = await replicas.SignInAsync();
        var before = Replicas.HandleOf(browser);
        using (await browser.NavigateAsync("/.harden/signin?prompt=login&returnUrl=/x"))
        {
        }
        using var pick = new HttpRequestMessage(HttpMethod.Post, browser.Location!) { Content = new FormUrlEncodedContent([new("persona", "admin")]) };
        using var back = await browser.SendAsync(pick, navigate: true, follow: false);
        var callback = back.Headers.Location!;
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(callback) { Port = replicas.Other.Address.Port }.Uri);
        request.Headers.Host = callback.Authority; // one public name for both
        using var answer = await browser.SendAsync(request, navigate: true, follow: false);

        Assert.Equal("/x", answer.Headers.Location?.OriginalString);
        Assert.NotEqual(before, Replicas.HandleOf(browser));
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.One, Replicas.HandleOf(browser)));
        await Replicas.UntilAsync(replicas.One, before, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task SubjectRevokedAtOne_LosesStreamsAtBoth_WithTheReasonOnRecord()
    {
        using var browser = await replicas.SignInAsync();
        using var another = await replicas.SignInAsync("admin");
        await using var here = await Replicas.OpenStreamAsync(replicas.One, Replicas.HandleOf(browser));
        await using var there = await Replicas.OpenStreamAsync(replicas.Other, Replicas.HandleOf(browser));
        await using var untouched = await Replicas.OpenStreamAsync(replicas.Other, Replicas.HandleOf(another));

        Assert.True(await replicas.One.Services.GetRequiredService<Revocations>().RevokeAsync(Member));

        await Replicas.EndedAsync(here);
        await Replicas.EndedAsync(there);
        Assert.Equal(HttpStatusCode.Unauthorized, await Replicas.StatusAsync(replicas.Other, Replicas.HandleOf(browser)));
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, Replicas.HandleOf(another)));
        foreach (var gateway in (GatewayUnderTest[])[replicas.One, replicas.Other])
            Assert.Equal(("deny", "session-revoked"), ((await gateway.RecordOf("/events")).Entry.Decision is var decision ? (decision!.Action, decision.Reason) : default));
    }

    [Fact]
    public async Task RevocationFromTheFuture_EndsWhatThereIs_AndLocksNobodyOut()
    {
        using var before = await replicas.SignInAsync();

        await replicas.One.Services.GetRequiredService<SharedRevocations>().TellAsync(Member, DateTimeOffset.UtcNow.AddYears(50));

        await Replicas.UntilAsync(replicas.One, Replicas.HandleOf(before), HttpStatusCode.Unauthorized);
        using var after = await replicas.SignInAsync();
        replicas.Time.Advance(TimeSpan.FromSeconds(3)); // so that the store, and what is revoked, is asked anew
        foreach (var gateway in (GatewayUnderTest[])[replicas.One, replicas.Other])
            await gateway.Services.GetRequiredService<Revocations>().ExchangeAsync();

        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.One, Replicas.HandleOf(after)));
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, Replicas.HandleOf(after)));
    }

    [Fact]
    public async Task SessionEndedWithoutAWord_EndsStreamsWithinTheCheckInterval()
    {
        using var browser = await replicas.SignInAsync();
        await using var there = await Replicas.OpenStreamAsync(replicas.Other, Replicas.HandleOf(browser));

        using (var redis = await replicas.Redis.ConnectAsync())
            Assert.True(await redis.GetDatabase().KeyDeleteAsync($"harden:prototype:session:{{{SessionKey.Of(Replicas.HandleOf(browser)).Id}}}"));

        await Replicas.EndedAsync(there);
        Assert.Equal("session-gone", (await replicas.Other.RecordOf("/events")).Entry.Decision!.Reason);
        await Replicas.UntilAsync(replicas.One, Replicas.HandleOf(browser), HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task FrontChannelAndEverywhere_ReachTheOther()
    {
        using var one = await replicas.SignInAsync();
        using var two = await replicas.SignInAsync();
        using var three = await replicas.SignInAsync();
        var sid = replicas.One.Services.GetRequiredService<SessionTable>().Find(Replicas.HandleOf(one))!.State.EntraSession;
        foreach (var browser in (TestBrowser[])[one, two, three])
            Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, Replicas.HandleOf(browser)));

        using (await replicas.Other.Client.GetAsync($"/.harden/signout/frontchannel?sid={sid}"))
            await Replicas.UntilAsync(replicas.One, Replicas.HandleOf(one), HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.One, Replicas.HandleOf(two)));

        using (await two.SubmitAsync(new(replicas.One.Address, "/.harden/signout?everywhere=true")))
            await Replicas.UntilAsync(replicas.Other, Replicas.HandleOf(three), HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task HotSession_AsksRedisNowAndThenOnly()
    {
        using var browser = await replicas.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.One, Replicas.HandleOf(browser)));
        using var redis = await replicas.Redis.ConnectAsync();
        var (before, began) = (await EvaluationsAsync(), replicas.Time.GetTimestamp());

        for (var i = 0; i < 500; i++)
            Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.One, Replicas.HandleOf(browser)));

        // One each half second, and two where a request and the watch ask at once. These took a few seconds at most, or more on a busy machine.
        Assert.InRange(await EvaluationsAsync() - before, 0, Math.Max(50, (long)(4 * replicas.Time.GetElapsedTime(began).TotalSeconds)));

        async Task<long> EvaluationsAsync()
        {
            var statistics = (await redis.GetServer(redis.GetEndPoints()[0]).InfoAsync("commandstats")).SelectMany(static g => g);
            return statistics.Where(static s => s.Key is "cmdstat_evalsha" or "cmdstat_eval" or "cmdstat_hmget").Sum(static s => long.Parse(s.Value.Split(["calls=", ","], StringSplitOptions.RemoveEmptyEntries)[0]));
        }
    }

    [Fact]
    public async Task Garbage_IsNobody()
    {
        var before = replicas.Warnings.ToArray(); // of a Redis that was slow to start, perhaps
        foreach (var handle in (string[])[new('A', 43), new('-', 43), "x", ""])
            Assert.Equal(HttpStatusCode.Unauthorized, await Replicas.StatusAsync(replicas.Other, handle));
        Assert.Equal(before, replicas.Warnings);
    }
}
