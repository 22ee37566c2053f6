using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Harden.Gateway.Tests.Audit;

namespace Harden.Gateway.Tests.Identity;

public sealed class SignInTests(EntraFixture fixture) : IClassFixture<EntraFixture>
{
    [Fact]
    public async Task Navigation_GoesThroughSignInAndComesBackToWhereItWanted()
    {
        var test = fixture.Test;
        using var browser = test.Browser();

        using var answer = await browser.SignInAsync("member", "/tasks/7?filter=open&x=%2F");

        Assert.Equal("the app", await answer.Content.ReadAsStringAsync());
        Assert.Equal("/tasks/7?filter=open&x=%2F", browser.Location!.PathAndQuery);
        Assert.Equal(["__Host-harden"], browser.Cookies.Keys.Where(static name => name.StartsWith("__Host-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Callback_IsOnRecordAsAnsweredToThePersonWhoSignedIn()
    {
        await using var test = await EntraUnderTest.StartAsync();
        using var browser = await test.SignInAsync("member");

        var entry = (await test.Gateway.RecordOf("/.harden/signin/callback")).Entry;

        Assert.Equal(("answer", "signed-in"), (entry.Decision!.Action, entry.Decision.Reason));
        Assert.Equal((EntraUnderTest.Tenant, "de000000-0000-4000-8000-0000000000a3"), (entry.Actor!.Tenant, entry.Actor.Subject));
    }

    [Fact]
    public async Task Cookies_AreHostBoundHttpOnlySecureAndLax()
    {
        var test = fixture.Test;
        using var browser = await test.SignInAsync("member");

        var ours = browser.SetCookies.Where(static c => c.Contains("harden", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(ours);
        Assert.All(ours, static cookie =>
        {
            Assert.StartsWith("__Host-harden", cookie, StringComparison.Ordinal);
            Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; path=/", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        });
        Assert.True(browser.Cookies["__Host-harden"].Value.Length < 64);
    }

    [Fact]
    public async Task Me_SaysWhoIsSignedIn()
    {
        var test = fixture.Test;
        using var browser = await test.SignInAsync("admin");

        using var answer = await browser.FetchAsync("/.harden/me");
        var me = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal("Ada Admin", me.GetProperty("name").GetString());
        Assert.Equal(EntraUnderTest.Tenant, me.GetProperty("tenant").GetString());
        Assert.Equal("de000000-0000-4000-8000-0000000000a1", me.GetProperty("objectId").GetString());
        Assert.Equal(["Harden.Admin", "Admin"], me.GetProperty("roles").EnumerateArray().Select(static r => r.GetString()));
        Assert.Equal(2, me.GetProperty("groups").GetArrayLength());
    }

    [Fact]
    public async Task Nobody_Gets401ProblemFromMe()
    {
        var test = fixture.Test;

        using var answer = await test.Gateway.Client.GetAsync("/.harden/me");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(answer.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task TooManyGroups_AreVisibleAndFailClosed()
    {
        await using var test = await EntraUnderTest.StartAsync("Access:Rules:0:Groups:0=de000000-0000-4000-8000-0000000a0001");
        using var browser = test.Browser();

        using var answer = await browser.SignInAsync("groups");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("too many groups (more than 200)", WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        using var me = await browser.FetchAsync("/.harden/me");
        Assert.True((await me.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("groupsOverage").GetBoolean());
    }

    [Fact]
    public async Task SignedInAlready_GoesStraightBack()
    {
        var test = fixture.Test;
        using var browser = await test.SignInAsync("member");

        using var answer = await browser.NavigateAsync("/.harden/signin?returnUrl=/x", follow: false);

        Assert.Equal("/x", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task ManyTabs_AllComeBackAndLeaveNoCookies()
    {
        var test = fixture.Test;
        using var browser = test.Browser();
        var tabs = new List<Uri>();
        for (var tab = 0; tab < 10; tab++)
        {
            using var picker = await browser.NavigateAsync($"/tab/{tab}");
            tabs.Add(browser.Location!);
        }

        foreach (var tab in tabs)
        {
            using var answer = await browser.SubmitAsync(tab, ("persona", "member"));
            Assert.Equal("the app", await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal("/tab/9", browser.Location!.AbsolutePath);
        Assert.DoesNotContain(browser.Cookies.Keys, static name => name.StartsWith("__Host-harden-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AbandonedSignIns_DoNotPileUp()
    {
        var test = fixture.Test;
        using var browser = test.Browser();

        for (var tab = 0; tab < 60; tab++)
        {
            using var picker = await browser.NavigateAsync("/");
            Assert.Equal(HttpStatusCode.OK, picker.StatusCode);
        }

        Assert.InRange(browser.Cookies.Keys.Count(static name => name.StartsWith("__Host-harden-", StringComparison.Ordinal)), 1, 24);
        using var answer = await browser.SubmitAsync(browser.Location!, ("persona", "member"));
        Assert.Equal("the app", await answer.Content.ReadAsStringAsync());
    }
}
