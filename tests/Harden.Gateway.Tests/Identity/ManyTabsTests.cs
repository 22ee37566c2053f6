using System.Net;

namespace Harden.Gateway.Tests.Identity;

/// <summary>A browser that restores its tabs begins many sign-ins at once; each leaves a cookie until it has come back.</summary>
public sealed class ManyTabsTests
{
    private const int Tabs = 60;

    [Fact]
    public async Task SixtyStartsAfterOneAnother_LeaveFewCookies_AndTheLastOnesWork()
    {
        await using var test = await EntraUnderTest.StartAsync(); // with the limits that are there by default
        using var browser = test.Browser();
        var pickers = new List<Uri>();
        for (var tab = 0; tab < Tabs; tab++)
        {
            using var picker = await browser.NavigateAsync($"/tab/{tab}");
            Assert.Equal(HttpStatusCode.OK, picker.StatusCode);
            pickers.Add(browser.Location!);
        }

        Assert.InRange(browser.Cookies.Keys.Count(static name => name.StartsWith("__Host-harden-", StringComparison.Ordinal)), 1, 24);

        for (var tab = Tabs - 24; tab < Tabs; tab++)
        {
            using var answer = await browser.SubmitAsync(pickers[tab], ("persona", "member"));
            Assert.Equal($"/tab/{tab}", browser.Location!.AbsolutePath);
        }
    }

    [Fact]
    public async Task SixtyStartsAtOnce_AllComeBack_AndNoRequestGrowsTooLarge()
    {
        await using var test = await EntraUnderTest.StartAsync(); // with the limits that are there by default
        using var browser = test.Browser();
        var pickers = new List<Uri>();
        for (var tab = 0; tab < Tabs; tab++)
        {
            // None of them knows the others' cookies yet: all were sent before the first answer came.
            using var one = test.Browser();
            using var picker = await one.NavigateAsync($"/tab/{tab}");
            pickers.Add(one.Location!);
            foreach (var (name, cookie) in one.Cookies)
                browser.Cookies[name] = cookie;
        }

        foreach (var (tab, picker) in pickers.Index())
        {
            using var answer = await browser.SubmitAsync(picker, ("persona", "member"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode); // never 431
            Assert.Equal($"/tab/{tab}", browser.Location!.AbsolutePath);
        }
        Assert.Equal(["__Host-harden"], browser.Cookies.Keys.Where(static name => name.StartsWith("__Host-", StringComparison.Ordinal)));
    }
}
