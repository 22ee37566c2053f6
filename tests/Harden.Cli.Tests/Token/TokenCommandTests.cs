using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Harden.Cli.Tests.Token;

/// <summary><c>harden token</c> as it is typed, against DevEntra, with a gateway that takes what it prints.</summary>
public sealed class TokenCommandTests(EntraAndGateway servers) : IClassFixture<EntraAndGateway>
{
    [Fact]
    public async Task BrowserSignIn_PrintsATokenThatTheGatewayTakes()
    {
        await using var harden = servers.Harden("token", "--no-browser");
        var address = await AddressAsync(harden);
        var query = QueryHelpers.ParseQuery(new Uri(address).Query);
        Assert.Equal("S256", query["code_challenge_method"]);
        var redirect = query["redirect_uri"].ToString();
        Assert.StartsWith("http://localhost:", redirect, StringComparison.Ordinal);

        // What isn't the answer to this sign-in doesn't end the wait for it.
        Assert.Equal(HttpStatusCode.NotFound, (await EntraAndGateway.Browser.GetAsync(redirect + "/favicon.ico")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await EntraAndGateway.Browser.GetAsync(redirect + "/?code=stolen&state=of-somebody-else")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await EntraAndGateway.Browser.GetAsync(redirect + "/?code=stolen")).StatusCode);
        using var page = await PickAsync(address, "member");
        Assert.Contains("You are signed in", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var (code, output, error) = await harden.EndAsync();
        Assert.Equal((0, "Signed in. The token is good for 60 minutes.\n"), (code, error));
        Assert.Matches(@"^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$", output);
        Assert.Equal(HttpStatusCode.OK, await servers.CallAsync(output.Trim()));
    }

    [Fact]
    public async Task DeviceCode_PrintsATokenThatTheGatewayTakes()
    {
        await using var harden = servers.Harden("token", "--device");
        var code = await CodeAsync(harden);
        await servers.EnterAsync(code, "member");

        var (exit, output, _) = await harden.EndAsync();

        Assert.Equal(0, exit);
        Assert.Equal(HttpStatusCode.OK, await servers.CallAsync(output.Trim()));
    }

    [Fact]
    public async Task DeviceCodeThatIsDeclined_SaysSo()
    {
        await using var harden = servers.Harden("token", "--device");
        await servers.EnterAsync(await CodeAsync(harden), "-");

        Assert.Equal((1, "", "The sign-in was declined.\n"), await harden.EndAsync());
    }

    [Theory]
    [InlineData("-", "The sign-in was declined.")]
    [InlineData("disabled", "Entra refused: AADSTS50057: The user account is disabled.")]
    public async Task BrowserSignInThatFails_SaysSo(string persona, string expected)
    {
        await using var harden = servers.Harden("token", "--no-browser");
        using var page = await PickAsync(await AddressAsync(harden), persona);
        Assert.Contains("Nobody was signed in", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal((1, "", expected + "\n"), await harden.EndAsync());
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Interrupt_EndsItWithoutAToken(string signal)
    {
        await using var harden = servers.Harden("token", "--no-browser");
        await AddressAsync(harden);

        harden.Signal(signal);

        Assert.Equal((130, "", "Interrupted: nobody was signed in.\n"), await harden.EndAsync());
    }

    [Theory]
    [InlineData(1, "Nobody signed in within 1 seconds", "token", "--no-browser", "--timeout", "1")]
    [InlineData(1, "Entra refused: AADSTS700016", "token", "--device", "--client-id", "de000000-0000-4000-8000-0000000000ff")]
    [InlineData(1, "--timeout is 0", "token", "--timeout", "0")]
    public async Task Mistake_IsOneSentence(int expected, string sentence, params string[] words)
    {
        await using var harden = servers.Harden(words);

        var (code, output, error) = await harden.EndAsync();

        Assert.Equal((expected, ""), (code, output));
        Assert.StartsWith(sentence, error.Trim().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(69, "http://localhost:1 can't be reached", "http://localhost:1/")]
    [InlineData(78, "AzureAd:Instance is \"http://login.example/\"", "http://login.example/")]
    public async Task EntraThatCannotBeAsked_IsOneSentence(int expected, string sentence, string instance)
    {
        var (code, output, error) = await HardenProcess.RunAsync(new Dictionary<string, string>(servers.Environment) { ["AzureAd__Instance"] = instance }, "token", "--no-browser");

        Assert.Equal((expected, ""), (code, output));
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("503", "")]
    [InlineData("400", "slow_down")]
    public async Task EntraThatIsAwayOrAsksForPatience_DoesNotEndTheWait(string status, string error)
    {
        await using var harden = servers.Harden("token", "--device");
        var code = await CodeAsync(harden);
        await servers.FaultAsync(("on", "token"), ("status", status), ("error", error), ("times", "1"));

        await servers.EnterAsync(code, "member");

        Assert.Equal(0, (await harden.EndAsync()).Code);
    }

    private static async Task<string> AddressAsync(HardenProcess harden) => (await harden.SaysAsync("^Sign in at: (http.*)$")).Groups[1].Value;

    private static async Task<string> CodeAsync(HardenProcess harden) => (await harden.SaysAsync("enter the code ([A-Z0-9]{9})")).Groups[1].Value;

    private static Task<HttpResponseMessage> PickAsync(string address, string persona) =>
        EntraAndGateway.Browser.PostAsync(address, new FormUrlEncodedContent([new("persona", persona)]));
}
