using System.Net;
using System.Net.Http.Json;
using Harden.Gateway.Identity.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Identity;

public sealed class SignOutTests(EntraFixture fixture) : IClassFixture<EntraFixture>
{
    [Fact]
    public async Task SignOut_EndsTheEntraSessionToo()
    {
        using var browser = await fixture.Test.SignInAsync("member");
        browser.Cookies.Remove("__Host-harden");
        using (var silent = await browser.NavigateAsync("/"))
            Assert.Equal("the app", await silent.Content.ReadAsStringAsync()); // Entra still knew who it is

        using (var signedOut = await browser.SubmitAsync(SignOut))
        {
            var page = await signedOut.Content.ReadAsStringAsync();
            Assert.Contains("You are signed out", page, StringComparison.Ordinal);
            Assert.Contains(">Sign in again</a>", page, StringComparison.Ordinal);
        }

        using var again = await browser.NavigateAsync("/");
        Assert.Contains("Pick who to sign in as", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example", "cross-site")]
    [InlineData("https://evil.example", null)]
    [InlineData(null, null)]
    public async Task AnotherSite_CanNotSignAnyoneOut(string? origin, string? site)
    {
        using var browser = await fixture.Test.SignInAsync("member");
        using var request = new HttpRequestMessage(HttpMethod.Post, SignOut);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);

        using var answer = await browser.SendAsync(request, navigate: true, follow: false);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        using var me = await browser.FetchAsync("/.harden/me");
        Assert.Equal(HttpStatusCode.OK, me.StatusCode);
    }

    [Fact]
    public async Task Script_IsToldWhereToSendTheBrowser()
    {
        using var browser = await fixture.Test.SignInAsync("member");
        using var request = new HttpRequestMessage(HttpMethod.Post, SignOut) { Headers = { { "Sec-Fetch-Site", "same-origin" }, { "Sec-Fetch-Mode", "cors" } } };

        using var answer = await browser.SendAsync(request, navigate: false, follow: false);
        var location = (await answer.Content.ReadFromJsonAsync<Dictionary<string, string>>())!["location"];

        Assert.StartsWith($"{fixture.Test.EntraAddress}{EntraUnderTest.Tenant}/oauth2/v2.0/logout?post_logout_redirect_uri=", location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_AsksFirstAndNamesThePerson()
    {
        using var browser = await fixture.Test.SignInAsync("member");

        using var answer = await browser.NavigateAsync("/.harden/signout");
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains("Max Member", page, StringComparison.Ordinal);
        Assert.Contains("<form method=\"post\">", page, StringComparison.Ordinal);
        Assert.Contains("__Host-harden", browser.Cookies.Keys);
    }

    [Fact]
    public async Task FrontChannel_EndsTheSessionThatEntraNames_AndNoOther()
    {
        using var one = await fixture.Test.SignInAsync("member");
        using var other = await fixture.Test.SignInAsync("member");
        var sessions = fixture.Test.Gateway.Services.GetRequiredService<SessionTable>();
        var sid = sessions.Find(one.Cookies["__Host-harden"].Value)!.State.EntraSession;

        using (var answer = await fixture.Test.Gateway.Client.GetAsync($"/.harden/signout/frontchannel?sid={sid}"))
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using (await fixture.Test.Gateway.Client.GetAsync("/.harden/signout/frontchannel?sid="))
        {
        }

        using var ended = await one.FetchAsync("/.harden/me");
        using var alive = await other.FetchAsync("/.harden/me");
        Assert.Equal(HttpStatusCode.Unauthorized, ended.StatusCode);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    private Uri SignOut => new(fixture.Test.Gateway.Address, "/.harden/signout");
}
