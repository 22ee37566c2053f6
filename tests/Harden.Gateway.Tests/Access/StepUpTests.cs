using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Access;

public sealed class StepUpTests : IAsyncLifetime
{
    private const string Session = "__Host-harden";
    private readonly ManualTime time = new();
    private EntraUnderTest test = null!;

    public async Task InitializeAsync() => test = await EntraUnderTest.StartAsync(static context => context.Response.WriteAsync("the app"),
        builder => builder.Services.AddSingleton<TimeProvider>(time),
        "Access:Rules:0:Name=pay", "Access:Rules:0:Paths:0=/pay/**", "Access:Rules:0:AuthContext=c1",
        "Access:Rules:1:Name=recent", "Access:Rules:1:Paths:0=/recent/**", "Access:Rules:1:MaxAge=00:10:00",
        "Access:Rules:2:Name=trial", "Access:Rules:2:Paths:0=/trial/**", "Access:Rules:2:AuthContext=c9", "Access:Rules:2:ReportOnly=true",
        "Access:Default=SignedIn");

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Fact]
    public async Task Navigation_StepsUpAndComesBackToWhereItWanted()
    {
        using var browser = await test.SignInAsync("member");
        var before = browser.Cookies[Session].Value;

        using (var asked = await browser.NavigateAsync("/pay/7?x=%2F"))
            Assert.Contains("step-up c1", await asked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var query = QueryHelpers.ParseQuery(browser.Location!.Query);
        Assert.Equal("""{"id_token":{"acrs":{"essential":true,"value":"c1"}}}""", query["claims"]);
        Assert.Equal("max@contoso.example", query["login_hint"]);
        using var answer = await browser.SubmitAsync(browser.Location!, ("persona", "member"));

        Assert.Equal("the app", await answer.Content.ReadAsStringAsync());
        Assert.Equal("/pay/7?x=%2F", browser.Location!.PathAndQuery);
        Assert.NotEqual(before, browser.Cookies[Session].Value);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(before)); // the session from before is over
    }

    [Fact]
    public async Task Anonymous_MeetsItInTheFirstSignIn()
    {
        using var browser = test.Browser();

        using var answer = await browser.SignInAsync("member", "/pay/7");

        Assert.Equal("/pay/7", browser.Location!.AbsolutePath);
        Assert.Equal("the app", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task EntraThatDoesNotConfirm_IsAPageAndNoLoop_AndTheSessionStays()
    {
        using var browser = await test.SignInAsync("member");
        var before = browser.Cookies[Session].Value;
        using (await browser.NavigateAsync("/pay/7"))
        {
            // As a tenant without a policy for c1 does, or a person who edits the address.
            var stripped = QueryHelpers.ParseQuery(browser.Location!.Query);
            stripped.Remove("claims");
            using var answer = await browser.SubmitAsync(new(QueryHelpers.AddQueryString(browser.Location!.GetLeftPart(UriPartial.Path), stripped)), ("persona", "member"));
            var page = await answer.Content.ReadAsStringAsync();

            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("The extra sign-in step is missing", page, StringComparison.Ordinal);
        }

        Assert.Equal(before, browser.Cookies[Session].Value);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(before));
        var entry = await Recorded.Until(() => test.Gateway.Reader().Read(new() { Text = "/.harden/signin/callback" }).FirstOrDefault(static view => view.Entry.Decision?.Reason == "step-up-failed")?.Entry, "a record of the failed step-up");
        Assert.Equal(("deny", "de000000-0000-4000-8000-0000000000a3"), (entry.Decision!.Action, entry.Actor!.Subject));
    }

    [Fact]
    public async Task SomebodyElseWhoStepsUp_TakesTheSessionOver_AndTheFirstOneEnds()
    {
        using var browser = await test.SignInAsync("member");
        var before = browser.Cookies[Session].Value;
        using (await browser.NavigateAsync("/pay/7"))
        using (await browser.SubmitAsync(browser.Location!, ("persona", "admin")))
        using (var me = await browser.FetchAsync("/.harden/me"))
            Assert.Contains("Ada Admin", await me.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(before));
    }

    [Fact]
    public async Task SignInOlderThanTheRuleAllows_IsRenewed()
    {
        using var browser = await test.SignInAsync("member");
        using (var fresh = await browser.NavigateAsync("/recent/x"))
            Assert.Equal("/recent/x", browser.Location!.AbsolutePath);

        time.Advance(TimeSpan.FromMinutes(11));
        using (var redirect = await browser.NavigateAsync("/recent/x", follow: false))
            Assert.Equal("/.harden/signin?returnUrl=%2Frecent%2Fx&max_age=600", redirect.Headers.Location!.OriginalString);
        using (await browser.NavigateAsync("/recent/x"))
        {
            var query = QueryHelpers.ParseQuery(browser.Location!.Query);
            Assert.Equal(("600", "login"), (query["max_age"].ToString(), query["prompt"].ToString()));
            Assert.Equal("""{"id_token":{"auth_time":{"essential":true}}}""", query["claims"]);
        }
    }

    [Fact]
    public async Task EntraThatKeepsToAnOldSignIn_IsAPageWithAWayOn()
    {
        using var browser = await test.SignInAsync("member");
        browser.Cookies.Remove(Session);
        time.Advance(TimeSpan.FromMinutes(11)); // for the gateway: to DevEntra the sign-in is still young

        using var answer = await browser.NavigateAsync("/recent/x");
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("yours is older", page, StringComparison.Ordinal);
        Assert.Contains("/.harden/signin?returnUrl=%2Frecent%2Fx&amp;max_age=600&amp;prompt=login", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acrs=c2", false)] // no rule names it
    [InlineData("acrs=c9", false)] // only one on trial does
    [InlineData("acrs=%22%7D", false)]
    [InlineData("max_age=0", false)]
    [InlineData("max_age=600&acrs=c1", false)] // no rule asks for both
    [InlineData("max_age=-1", false)]
    [InlineData("acrs=c1&acrs=c1", false)]
    [InlineData("acrs=c1", true)]
    public async Task LinkToSignIn_CanAskOnlyForWhatARuleDoes(string parameters, bool asks)
    {
        using var browser = await test.SignInAsync("member");

        using var answer = await browser.NavigateAsync($"/.harden/signin?returnUrl=/x&{parameters}", follow: false);

        Assert.Equal(asks, answer.Headers.Location!.OriginalString.Contains("claims=", StringComparison.Ordinal));
        Assert.Equal(!asks, answer.Headers.Location!.OriginalString == "/x");
    }

    [Fact]
    public async Task Fetch_Gets401WithEntrasClaimsChallenge()
    {
        using var browser = await test.SignInAsync("member");

        using var answer = await browser.FetchAsync("/pay/7");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("/.harden/signin?returnUrl=%2F&acrs=c1", JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("signIn").GetString());
        var challenge = Assert.Single(answer.Headers.WwwAuthenticate);
        Assert.Equal("Bearer", challenge.Scheme);
        Assert.StartsWith("error=\"insufficient_claims\", claims=\"", challenge.Parameter, StringComparison.Ordinal);
        Assert.Equal("""{"access_token":{"acrs":{"essential":true,"value":"c1"}}}""", Encoding.UTF8.GetString(Convert.FromBase64String(challenge.Parameter!.Split('"')[3])));

        time.Advance(TimeSpan.FromMinutes(11));
        using var old = await browser.FetchAsync("/recent/x");
        Assert.Contains("error=\"insufficient_user_authentication\"", old.Headers.WwwAuthenticate.Single().Parameter, StringComparison.Ordinal);
        Assert.EndsWith("max_age=\"600\"", old.Headers.WwwAuthenticate.Single().Parameter, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSocket_Gets401()
    {
        using var browser = await test.SignInAsync("member");
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Cookie", $"{Session}={browser.Cookies[Session].Value}");
        socket.Options.SetRequestHeader("Origin", test.Gateway.Address.GetLeftPart(UriPartial.Authority));

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(new Uri(test.Gateway.Address, "/pay/ws")) { Scheme = "ws" }.Uri, default));

        Assert.Equal(HttpStatusCode.Unauthorized, socket.HttpStatusCode);
    }

    [Fact]
    public async Task RuleOnTrial_SendsNobodyToStepUp()
    {
        using var browser = await test.SignInAsync("member");

        using var answer = await browser.NavigateAsync("/trial/x");

        Assert.Equal("/trial/x", browser.Location!.AbsolutePath);
        Assert.Equal("trial", (await test.Gateway.RecordOf("/trial/x")).Entry.Decision!.WouldDeny);
    }

    private async Task<HttpStatusCode> StatusAsync(string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/x") { Headers = { { "Cookie", $"{Session}={cookie}" } } };
        using var answer = await test.Gateway.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
