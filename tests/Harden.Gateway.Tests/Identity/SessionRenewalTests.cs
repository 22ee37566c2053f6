using System.Net;
using Harden.DevEntra;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Identity;

/// <summary>What Entra says of a person changes while they are signed in. DevEntra's refresh tokens are good for one use; its tokens are valid for an hour of its own clock.</summary>
public sealed class SessionRenewalTests : IAsyncLifetime
{
    private Replicas replicas = null!;
    private HttpClient entra = null!;

    public async Task InitializeAsync()
    {
        replicas = await Replicas.StartAsync("Session:RenewAfter=00:05:00", "Session:MaxClaimsAge=00:20:00");
        entra = new() { BaseAddress = new(replicas.Entra.Urls.First()) };
    }

    public async Task DisposeAsync()
    {
        entra.Dispose();
        await replicas.DisposeAsync();
    }

    [Fact]
    public async Task Roles_AreRenewedInTime_AgainAndAgain_AtWhicheverReplica()
    {
        using var browser = await replicas.SignInAsync();
        Assert.Equal("the app: ", await RolesAsync(replicas.One, browser));

        foreach (var (roles, gateway) in ((string, GatewayUnderTest)[])[("Admin", replicas.One), ("Admin,Editor", replicas.Other), ("", replicas.One), ("Editor", replicas.Other)])
        {
            await ChangeAsync(("persona", "member"), ("roles", roles));
            replicas.Time.Advance(TimeSpan.FromMinutes(11)); // past twice RenewAfter, the request waits for what Entra says
            Assert.Equal($"the app: {roles}", await RolesAsync(gateway, browser));
        }
    }

    [Fact]
    public async Task ClaimsThatGetOld_AreRenewedInTheBackground()
    {
        using var browser = await replicas.SignInAsync();
        await ChangeAsync(("persona", "member"), ("roles", "Admin"));
        replicas.Time.Advance(TimeSpan.FromMinutes(6));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await RolesAsync(replicas.One, browser) != "the app: Admin")
            await Task.Delay(20, limit.Token);
        while (await RolesAsync(replicas.Other, browser) != "the app: Admin") // told, not renewed again
            await Task.Delay(20, limit.Token);
    }

    [Fact]
    public async Task DisabledAccount_LosesItsSession_AndTheStreamsOnIt()
    {
        using var browser = await replicas.SignInAsync();
        await using var stream = await Replicas.OpenStreamAsync(replicas.Other, Replicas.HandleOf(browser));
        await ChangeAsync(("persona", "member"), ("disabled", "true"));

        replicas.Time.Advance(TimeSpan.FromMinutes(6)); // nobody asks for anything: the stream alone renews its session

        await Replicas.EndedAsync(stream);
        Assert.Equal("account-refused", (await replicas.Other.RecordOf("/events")).Entry.Decision!.Reason);
        await Replicas.UntilAsync(replicas.One, Replicas.HandleOf(browser), HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task StreamBegunWithRightsThatAreNoMore_Ends_AndTheSessionGoesOn()
    {
        await ChangeAsync(("persona", "member"), ("roles", "Admin"));
        using var browser = await replicas.SignInAsync();
        await using var stream = await Replicas.OpenStreamAsync(replicas.One, Replicas.HandleOf(browser));
        await ChangeAsync(("persona", "member"), ("roles", ""));

        replicas.Time.Advance(TimeSpan.FromMinutes(6));

        await Replicas.EndedAsync(stream);
        Assert.Equal("rights-changed", (await replicas.One.RecordOf("/events")).Entry.Decision!.Reason);
        Assert.Equal("the app: ", await RolesAsync(replicas.One, browser));
    }

    [Fact]
    public async Task ManyRequestsAtBothReplicas_RenewOnce()
    {
        using var browser = await replicas.SignInAsync();
        Assert.Equal("the app: ", await RolesAsync(replicas.Other, browser));
        await entra.PostAsync("/dev/faults", new FormUrlEncodedContent([new("on", "token"), new("slow", "0.3")]));
        replicas.Time.Advance(TimeSpan.FromMinutes(11));

        var all = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Replicas.StatusAsync(i % 2 == 0 ? replicas.One : replicas.Other, Replicas.HandleOf(browser))));

        Assert.All(all, static status => Assert.Equal(HttpStatusCode.OK, status)); // a second use of the same refresh token would have ended the session
        replicas.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, Replicas.HandleOf(browser)));
    }

    [Fact]
    public async Task EntraThatFails_KeepsTheSession_UntilItsClaimsAreTooOld()
    {
        using var browser = await replicas.SignInAsync();
        var handle = Replicas.HandleOf(browser);
        await entra.PostAsync("/dev/faults", new FormUrlEncodedContent([new("on", "token"), new("status", "503")]));

        replicas.Time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.One, handle));
        Assert.Contains(replicas.Warnings, static w => w.StartsWith("Entra could not be asked again", StringComparison.Ordinal));

        await entra.PostAsync("/dev/faults", new FormUrlEncodedContent([]));
        replicas.Time.Advance(TimeSpan.FromMinutes(1));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var sessions = replicas.One.Services.GetRequiredService<SessionTable>();
        while (await Replicas.StatusAsync(replicas.One, handle) == HttpStatusCode.OK && sessions.Of(SessionKey.NumberOf(handle))!.State.ClaimsAt < replicas.Time.GetUtcNow().AddMinutes(-5))
            await Task.Delay(20, limit.Token);

        await entra.PostAsync("/dev/faults", new FormUrlEncodedContent([new("on", "token"), new("status", "503")]));
        replicas.Time.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.One, handle));
        replicas.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.Unauthorized, await Replicas.StatusAsync(replicas.One, handle));
        await Replicas.UntilAsync(replicas.Other, handle, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task RefreshToken_IsOnNoDiskAndInNoStoreAsItIs()
    {
        using var browser = await replicas.SignInAsync();
        var token = replicas.One.Services.GetRequiredService<SessionTable>().Of(SessionKey.NumberOf(Replicas.HandleOf(browser)))!.State.RefreshToken;

        Assert.NotNull(token);
        Assert.DoesNotContain(token, Recorded.AllText(replicas.One.State), StringComparison.Ordinal);
    }

    private static async Task<string> RolesAsync(GatewayUnderTest gateway, TestBrowser browser)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Cookie", $"__Host-harden={Replicas.HandleOf(browser)}");
        using var answer = await gateway.Client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task ChangeAsync(params (string Name, string Value)[] form)
    {
        using var answer = await entra.PostAsync("/dev/accounts", new FormUrlEncodedContent(form.Select(static f => KeyValuePair.Create(f.Name, f.Value))));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
