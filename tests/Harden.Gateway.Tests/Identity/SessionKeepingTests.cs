using System.Net;
using Harden.Gateway.Configuration;
using Harden.Gateway.Identity;
using Harden.Gateway.Identity.Keys;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Tests.Audit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harden.Gateway.Tests.Identity;

/// <summary>What keeps a session alive, what ends it without anybody asking, and what outlives the process.</summary>
public sealed class SessionKeepingTests
{
    [Theory]
    [InlineData("/events?lively", true)]
    [InlineData("/events", false)]
    public async Task StreamAlone_KeepsItsSession_AsLongAsBytesMove(string path, bool kept)
    {
        await using var replicas = await Replicas.StartAsync("Session:IdleTimeout=00:30:00", "Session:RenewAfter=00:00:00");
        using var browser = await replicas.SignInAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", $"__Host-harden={Replicas.HandleOf(browser)}");
        using var answer = await replicas.One.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();

        var reading = stream.CopyToAsync(Stream.Null);
        var session = replicas.One.Services.GetRequiredService<SessionTable>().Of(SessionKey.NumberOf(Replicas.HandleOf(browser)))!;
        for (var quarters = 0; kept && quarters < 4; quarters++) // an hour
        {
            replicas.Time.Advance(TimeSpan.FromMinutes(15));
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (replicas.Time.GetUtcNow() - session.NotedUse > TimeSpan.FromMinutes(1)) // until Redis knows, which is what the other is told
                await Task.Delay(20, limit.Token);
        }
        Assert.False(reading.IsCompleted);
        if (kept)
            Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, Replicas.HandleOf(browser)));
        else
        {
            replicas.Time.Advance(TimeSpan.FromMinutes(31));
            await Assert.ThrowsAnyAsync<IOException>(() => reading.WaitAsync(TimeSpan.FromSeconds(60)));
            Assert.Equal("session-idle", (await replicas.One.RecordOf("/events")).Entry.Decision!.Reason);
        }
    }

    [Theory]
    [InlineData("organizations", "AzureAd:AllowedTenants:0", EntraUnderTest.OtherTenant)]
    [InlineData(EntraUnderTest.Tenant, "AzureAd:TenantId", EntraUnderTest.OtherTenant)]
    public async Task TenantThatIsNoLongerAllowed_LosesItsStreamsToo(string tenant, string key, string value)
    {
        string[] settings = tenant == "organizations" ? [$"AzureAd:TenantId={tenant}", $"AzureAd:AllowedTenants:0={EntraUnderTest.Tenant}"] : [$"AzureAd:TenantId={tenant}"];
        await using var test = await EntraUnderTest.StartAsync(static async context =>
        {
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }, null, settings);
        using var browser = test.Browser();
        using var stream = await browser.SignInAsync("member", "/events");
        await using var body = await stream.Content.ReadAsStreamAsync();
        Assert.True(await body.ReadAsync(new byte[64]) > 0);

        test.Gateway.Services.GetRequiredService<IConfiguration>()[key] = value;
        test.Gateway.Services.GetRequiredService<HardenConfiguration>().Load();

        await Replicas.EndedAsync(body);
        await Recorded.Until(() => test.Gateway.Reader().Read(new() { Text = "/events" }).FirstOrDefault(static v => v.Entry.Decision?.Reason == "tenant-not-allowed"), "the reason on record");
    }

    [Fact]
    public async Task Revocation_OutlivesTheProcess()
    {
        var state = Directory.CreateTempSubdirectory("harden-revocations-");
        try
        {
            var before = Open(state.FullName);
            var now = DateTimeOffset.UtcNow;
            Assert.True(await before.RevokeAsync("t/o"));

            var after = Open(state.FullName);

            Assert.True(after.Covers("t/o", now.AddSeconds(-1)));
            Assert.False(after.Covers("t/o", now.AddMinutes(1)));
            Assert.False(after.Covers("t/other", now.AddSeconds(-1)));
            if (!OperatingSystem.IsWindows())
                AssertPrivate(Directory.GetFiles(state.FullName, "*", SearchOption.AllDirectories));
        }
        finally
        {
            state.Delete(recursive: true);
        }

        static Revocations Open(string path) => new(new(path), TimeProvider.System, NullLogger<Revocations>.Instance);
    }

    [Fact]
    public async Task KeysOfAGatewayAlone_AreFilesForItsOwnAccountOnly()
    {
        await using var test = await EntraUnderTest.StartAsync();
        using var browser = await test.SignInAsync("member");

        var files = Directory.GetFiles(Path.Combine(test.Gateway.State, "keys"));
        Assert.NotEmpty(files);
        if (!OperatingSystem.IsWindows())
            AssertPrivate(files);
    }

    [Fact]
    public async Task KeySecret_SealsTheKeysInRedis_AndIsNeededByEveryReplica()
    {
        var secret = new string('s', 40);
        await using var replicas = await Replicas.StartAsync($"Session:KeySecret={secret}");
        using var browser = await replicas.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, Replicas.HandleOf(browser)));

        using var redis = await replicas.Redis.ConnectAsync();
        var keys = (await redis.GetDatabase().ListRangeAsync("harden:prototype:{keys}")).Select(static v => v.ToString()).ToArray();
        Assert.All(keys, static key => Assert.DoesNotContain("masterKey", key, StringComparison.Ordinal));
        Assert.NotNull(KeySeal.Open(keys[0], secret));
        Assert.Null(KeySeal.Open(keys[0], secret + "x"));
        Assert.Null(KeySeal.Open(keys[0], null));
        Assert.Null(KeySeal.Open("<key/>", secret)); // put there by somebody who doesn't know it

        await using var stranger = await replicas.StartGatewayAsync("Session:KeySecret=" + new string('x', 40));
        await Replicas.UntilAsync(stranger, Replicas.HandleOf(browser), HttpStatusCode.Unauthorized);
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void AssertPrivate(string[] files)
    {
        Assert.NotEmpty(files);
        foreach (var file in files)
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }
}
