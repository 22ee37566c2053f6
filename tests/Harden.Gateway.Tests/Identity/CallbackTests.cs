using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Identity;

/// <summary>The way back from Entra is where sign-in is attacked: nothing but the answer to this browser's own question is taken.</summary>
public sealed class CallbackTests(EntraFixture fixture) : IClassFixture<EntraFixture>
{
    [Fact]
    public async Task TamperedState_IsRefusedReadably()
    {
        var test = fixture.Test;
        using var browser = test.Browser();
        var callback = await CallbackAsync(browser, "member");

        var state = callback[(callback.IndexOf("&state=", StringComparison.Ordinal) + 7)..];
        foreach (var forged in (string[])[state[..^3], "x" + state[1..], "", state.Replace('a', 'b')])
            await RefusedAsync(browser, callback.Replace(state, forged, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ReplayedCallback_IsRefusedReadably()
    {
        var test = fixture.Test;
        using var browser = test.Browser();
        var callback = await CallbackAsync(browser, "member");
        using (var first = await browser.NavigateAsync(callback))
            Assert.Equal("the app", await first.Content.ReadAsStringAsync());
        browser.Cookies.Clear();

        await RefusedAsync(browser, callback);
    }

    [Fact]
    public async Task CallbackOfAnotherBrowser_IsRefusedReadably()
    {
        var test = fixture.Test;
        using var attacker = test.Browser();
        var callback = await CallbackAsync(attacker, "member");
        using var victim = test.Browser();

        await RefusedAsync(victim, callback);
    }

    [Fact]
    public async Task CodeInjectedIntoAnotherSignIn_IsRefusedReadably()
    {
        var test = fixture.Test;
        using var victim = test.Browser();
        using var attacker = test.Browser();
        var (stolen, own) = (await CallbackAsync(victim, "admin"), await CallbackAsync(attacker, "member"));

        await RefusedAsync(attacker, own.Replace(CodeOf(own), CodeOf(stolen), StringComparison.Ordinal), HttpStatusCode.Forbidden);

        static string CodeOf(string url) => url[(url.IndexOf("code=", StringComparison.Ordinal) + 5)..url.IndexOf('&', StringComparison.Ordinal)];
    }

    [Fact]
    public async Task NonceOfAnotherSignIn_IsRefusedReadably()
    {
        var test = fixture.Test;
        using var browser = test.Browser();
        using (await browser.NavigateAsync("/"))
        {
        }
        var authorize = browser.Location!.ToString();
        var nonce = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(browser.Location.Query)["nonce"].ToString();

        var callback = await PickAsync(browser, new(authorize.Replace(nonce, "another", StringComparison.Ordinal)), "member");

        await RefusedAsync(browser, callback);
    }

    [Fact]
    public async Task DisabledUser_ReadsWhy()
    {
        var test = fixture.Test;
        using var browser = test.Browser();

        using var answer = await browser.SignInAsync("disabled");
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("Your account is disabled", page, StringComparison.Ordinal);
        Assert.Contains("AADSTS50057", page, StringComparison.Ordinal);
        Assert.Contains("/.harden/signin?prompt=select_account", page, StringComparison.Ordinal);
        Assert.Contains("Reference", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongClientSecret_NamesEntrasCodeAndNoSecret()
    {
        await using var test = await EntraUnderTest.StartAsync("AzureAd:ClientSecret=mistyped");
        using var browser = test.Browser();

        using var answer = await browser.SignInAsync("member");
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains("AADSTS7000215", page, StringComparison.Ordinal);
        Assert.DoesNotContain("mistyped", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EntraUnreachable_Is503AndReadable()
    {
        await using var prototype = await Infrastructure.TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await Infrastructure.GatewayUnderTest.StartAsync(prototype.Address, "Access:Default=SignedIn");
        using var browser = new TestBrowser(gateway.Address);

        using var answer = await browser.NavigateAsync("/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("Sign-in is not available", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("error=access_denied&error_description=AADSTS50057")]
    [InlineData("error=server_error&error_description=AADSTS50057&state=made-up")]
    [InlineData("code=1&id_token=x&access_token=y")]
    [InlineData("")]
    public async Task LinkThatSomebodyMadeUp_IsNotTakenForEntrasWord(string query)
    {
        using var browser = fixture.Test.Browser();

        using var answer = await browser.NavigateAsync($"/.harden/signin/callback?{query}");
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Sign-in could not be completed", page, StringComparison.Ordinal);
        Assert.DoesNotContain("AADSTS", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/%2f%2fevil.example")]
    [InlineData("/%09/evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/.harden/signin?returnUrl=/")]
    public async Task ReturnUrlThatLeavesTheApp_GoesToTheStart(string returnUrl)
    {
        var test = fixture.Test;
        using var browser = test.Browser();

        using var answer = await browser.SignInAsync("member", "/.harden/signin?returnUrl=" + Uri.EscapeDataString(returnUrl));

        Assert.Equal(new Uri(test.Gateway.Address, "/"), browser.Location);
        Assert.Equal("the app", await answer.Content.ReadAsStringAsync());
    }

    private static async Task RefusedAsync(TestBrowser browser, string callback, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        using var answer = await browser.NavigateAsync(callback);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Reference", page, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", page, StringComparison.Ordinal);
        Assert.DoesNotContain("__Host-harden", browser.Cookies.Keys);
    }

    /// <summary>Signs in as far as the address that DevEntra sends the browser back to.</summary>
    private static async Task<string> CallbackAsync(TestBrowser browser, string persona)
    {
        using (await browser.NavigateAsync("/"))
        {
        }
        return await PickAsync(browser, browser.Location!, persona);
    }

    private static async Task<string> PickAsync(TestBrowser browser, Uri authorize, string persona)
    {
        using var pick = new HttpRequestMessage(HttpMethod.Post, authorize) { Content = new FormUrlEncodedContent([new("persona", persona)]) };
        using var answer = await browser.SendAsync(pick, navigate: true, follow: false);
        return answer.Headers.Location!.ToString();
    }
}
