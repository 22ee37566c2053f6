using System.Net;
using Harden.Gateway.Identity;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Identity.Sessions.Store;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Identity;

/// <summary>Redis hangs, dies, or loses everything.</summary>
public sealed class SessionStoreFailureTests
{
    [Fact]
    public async Task HangingRedis_Deny_Is503WithAPage_EndsStreams_AndRecovers()
    {
        await using var replicas = await Replicas.StartAsync();
        using var browser = await replicas.SignInAsync();
        var handle = Replicas.HandleOf(browser);
        await using var stream = await Replicas.OpenStreamAsync(replicas.One, handle);

        replicas.Redis.Freeze();

        await Replicas.EndedAsync(stream);
        Assert.Equal("session-store", (await replicas.One.RecordOf("/events")).Entry.Decision!.Reason);
        await Replicas.UntilAsync(replicas.One, handle, HttpStatusCode.ServiceUnavailable);
        using (var page = await browser.NavigateAsync("/", follow: false))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
            Assert.NotNull(page.Headers.RetryAfter);
            Assert.Contains("Sign-ins can&#39;t be checked", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        using (var health = await browser.FetchAsync("/.harden/health/live"))
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);

        replicas.Redis.Thaw();

        await Replicas.UntilAsync(replicas.One, handle, HttpStatusCode.OK);
        Assert.InRange(replicas.Warnings.Count(static w => w.StartsWith("Redis can't be asked for sessions", StringComparison.Ordinal)), 1, 2); // one each
    }

    [Fact]
    public async Task EntryThatCantBeRead_HoldsUpNobodyElse()
    {
        await using var replicas = await Replicas.StartAsync();
        using var browser = await replicas.SignInAsync();
        using var another = await replicas.SignInAsync("admin");
        var (broken, fine) = (Replicas.HandleOf(browser), Replicas.HandleOf(another));
        var shared = replicas.One.Services.GetRequiredService<SharedState>();
        var key = $"{shared.Prefix}session:{{{SessionKey.Of(broken).Id}}}";
        await shared.AskAsync(database => database.KeyDeleteAsync(key));
        await shared.AskAsync(database => database.ListRightPushAsync(key, "no hash"));

        foreach (var gateway in (GatewayUnderTest[])[replicas.One, replicas.Other])
        {
            replicas.Time.Advance(TimeSpan.FromSeconds(2)); // the store is asked anew
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await Replicas.StatusAsync(gateway, broken));
            Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(gateway, fine));
        }

        await shared.AskAsync(database => database.KeyDeleteAsync(key));
        await Replicas.UntilAsync(replicas.One, broken, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task HangingRedis_Local_GoesOnWithKnownSessionsUntilTheLimit()
    {
        await using var replicas = await Replicas.StartAsync("Session:OnStoreFailure=Local", "Session:LocalLimit=00:05:00");
        using var browser = await replicas.SignInAsync();
        var handle = Replicas.HandleOf(browser);
        await using var stream = await Replicas.OpenStreamAsync(replicas.One, handle);

        replicas.Redis.Freeze();
        replicas.Time.Advance(TimeSpan.FromMinutes(4));

        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.One, handle));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Replicas.StatusAsync(replicas.Other, handle)); // not known there
        replicas.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Replicas.StatusAsync(replicas.One, handle));
        await Replicas.EndedAsync(stream);

        replicas.Redis.Thaw();
        await Replicas.UntilAsync(replicas.One, handle, HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Deny")]
    [InlineData("Local")]
    public async Task SignOutWhileRedisHangs_IsCarriedOutWhenItAnswers(string mode)
    {
        await using var replicas = await Replicas.StartAsync($"Session:OnStoreFailure={mode}");
        using var browser = await replicas.SignInAsync();
        var handle = Replicas.HandleOf(browser);
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, handle));

        replicas.Redis.Freeze();
        using (var signedOut = await browser.SubmitAsync(new(replicas.One.Address, "/.harden/signout")))
            Assert.Equal(HttpStatusCode.OK, signedOut.StatusCode);
        Assert.DoesNotContain("__Host-harden", browser.Cookies.Keys);
        replicas.Redis.Thaw();

        await Replicas.UntilAsync(replicas.Other, handle, HttpStatusCode.Unauthorized);
        await Replicas.UntilAsync(replicas.One, handle, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task RedisThatDiesAndComesBackEmpty_SignsEverybodyOut_AndNothingElse()
    {
        await using var replicas = await Replicas.StartAsync();
        using var browser = await replicas.SignInAsync();
        var handle = Replicas.HandleOf(browser);

        replicas.Redis.Kill();
        await Replicas.UntilAsync(replicas.One, handle, HttpStatusCode.ServiceUnavailable);
        using (var signIn = await replicas.One.Client.GetAsync("/.harden/signin"))
            Assert.Contains(signIn.StatusCode, (HttpStatusCode[])[HttpStatusCode.Redirect, HttpStatusCode.ServiceUnavailable]);
        await replicas.Redis.RestartAsync();

        await Replicas.UntilAsync(replicas.One, handle, HttpStatusCode.Unauthorized);
        await Replicas.UntilAsync(replicas.Other, handle, HttpStatusCode.Unauthorized);
        using var again = await replicas.SignInAsync();
        await Replicas.UntilAsync(replicas.Other, Replicas.HandleOf(again), HttpStatusCode.OK);
    }

    [Fact]
    public async Task FlushedRedis_SignsEverybodyOut_AndKeepsKeysAndRevocations()
    {
        await using var replicas = await Replicas.StartAsync();
        using var browser = await replicas.SignInAsync();
        var revoked = $"{EntraUnderTest.Tenant}/de000000-0000-4000-8000-0000000000a2";
        Assert.True(await replicas.One.Services.GetRequiredService<Revocations>().RevokeAsync(revoked));
        await using var stream = await Replicas.OpenStreamAsync(replicas.Other, Replicas.HandleOf(browser));

        using (var redis = await replicas.Redis.ConnectAsync())
        {
            await redis.GetServer(redis.GetEndPoints()[0]).FlushAllDatabasesAsync();
            await Replicas.EndedAsync(stream);
            await Replicas.UntilAsync(replicas.One, Replicas.HandleOf(browser), HttpStatusCode.Unauthorized);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (!await redis.GetDatabase().KeyExistsAsync("harden:prototype:{keys}") || !await redis.GetDatabase().KeyExistsAsync("harden:prototype:revoked"))
                await Task.Delay(20, limit.Token);
        }
        await using var third = await replicas.StartGatewayAsync();
        using var again = await replicas.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(third, Replicas.HandleOf(again)));
        using var learnt = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!third.Services.GetRequiredService<Revocations>().Covers(revoked, DateTimeOffset.UtcNow.AddHours(-1)))
            await Task.Delay(20, learnt.Token);
    }
}
