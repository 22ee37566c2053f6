using System.Net;
using System.Text.Json.Nodes;

namespace Harden.Gateway.Tests.Identity;

/// <summary>What an app can ask of somebody who is signed in already.</summary>
public sealed class DevEntraStepUpTests
{
    private const string C1 = """{"id_token":{"acrs":{"essential":true,"value":"c1"}}}""";

    [Theory]
    [InlineData(C1, "id_token", "c1")]
    [InlineData("""{"id_token":{"acrs":{"essential":true,"values":["c1","c2"]}}}""", "id_token", "c1,c2")]
    [InlineData("""{"access_token":{"acrs":{"essential":true,"value":"c3"}}}""", "access_token", "c3")]
    public async Task AuthenticationContext_IsAskedOfThePersonAndCarriedByTheToken(string claims, string token, string expected)
    {
        await using var entra = await DevEntraClient.StartAsync();
        await entra.SignInAsync("id_token", "member");

        using var page = await entra.AuthorizeAsync(null, ("claims", claims));
        var text = await page.Content.ReadAsStringAsync();
        var stepped = await entra.SignInAsync(token, "member", ("claims", claims));

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains($"This asks for step-up {expected.Replace(",", ", ", StringComparison.Ordinal)}", text, StringComparison.Ordinal);
        Assert.Equal(expected, string.Join(',', stepped["acrs"]!.AsArray().Select(static a => a!.GetValue<string>())));
    }

    [Fact]
    public async Task WithoutStepUp_NoContextIsClaimed()
    {
        await using var entra = await DevEntraClient.StartAsync();

        Assert.Null((await entra.SignInAsync("id_token", "member"))["acrs"]);
    }

    [Fact]
    public async Task StepUp_IsFreshAndStaysInTheSameEntraSession()
    {
        await using var entra = await DevEntraClient.StartAsync();
        var before = await entra.SignInAsync("id_token", "member");
        while (DateTimeOffset.UtcNow.ToUnixTimeSeconds() <= before["auth_time"]!.GetValue<long>())
            await Task.Delay(50);

        var after = await entra.SignInAsync("id_token", "member", ("claims", C1));

        Assert.True(after["auth_time"]!.GetValue<long>() > before["auth_time"]!.GetValue<long>());
        Assert.Equal(before["sid"]!.GetValue<string>(), after["sid"]!.GetValue<string>());
        Assert.NotEqual(before["sid"]!.GetValue<string>(), (await entra.SignInAsync("id_token", "admin"))["sid"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("max_age", "0", true)]
    [InlineData("max_age", "600", false)]
    [InlineData("prompt", "login", true)]
    [InlineData("prompt", "select_account", true)]
    [InlineData("login_hint", "max@contoso.example", false)]
    [InlineData("login_hint", "ada@contoso.example", true)]
    [InlineData("nothing", "special", false)]
    public async Task SignedInPerson_IsAskedAgainOnlyWhereTheAppSaysSo(string name, string value, bool asked)
    {
        await using var entra = await DevEntraClient.StartAsync();
        await entra.SignInAsync("id_token", "member");

        using var answer = await entra.AuthorizeAsync(null, (name, value));

        Assert.Equal(asked ? HttpStatusCode.OK : HttpStatusCode.Found, answer.StatusCode);
    }

    [Theory]
    [InlineData("login_required", false, null)]
    [InlineData("interaction_required", true, C1)]
    public async Task SilentRequestThatNeedsThePerson_IsAnError(string expected, bool signedIn, string? claims)
    {
        await using var entra = await DevEntraClient.StartAsync();
        if (signedIn)
            await entra.SignInAsync("id_token", "member");

        using var answer = await entra.AuthorizeAsync(null, ("prompt", "none"), ("claims", claims ?? ""));

        Assert.Equal(expected, DevEntraClient.Query(answer)["error"]);
    }

    [Theory]
    [InlineData("-", "AADSTS65004")]
    [InlineData("disabled", "AADSTS50057")]
    public async Task PersonWhoDeclinesOrIsDisabled_ReturnsWithEntrasError(string persona, string expected)
    {
        await using var entra = await DevEntraClient.StartAsync();

        using var answer = await entra.AuthorizeAsync(persona);
        var query = DevEntraClient.Query(answer);

        Assert.Equal("access_denied", query["error"]);
        Assert.StartsWith(expected, query["error_description"], StringComparison.Ordinal);
        Assert.Equal("s", query["state"]);
    }

    [Theory]
    [InlineData("claims", "{", "AADSTS9000410")]
    [InlineData("claims", """{"id_token":{"acrs":{"value":1}}}""", "AADSTS9000410")]
    [InlineData("response_mode", "form_post", "AADSTS70007")]
    public async Task RequestThatCannotBeMet_SaysSo(string name, string value, string expected)
    {
        await using var entra = await DevEntraClient.StartAsync();

        using var answer = await entra.AuthorizeAsync("member", (name, value));

        Assert.StartsWith(expected, DevEntraClient.Query(answer)["error_description"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("groups", "_claim_names", "groups")]
    [InlineData("guest", "idp", "")]
    [InlineData("admin", "roles", "")]
    [InlineData("member", "groups", "")]
    public async Task Persona_HasTheClaimsThatEntraWouldSend(string persona, string present, string absent)
    {
        await using var entra = await DevEntraClient.StartAsync();

        JsonNode claims = await entra.SignInAsync("id_token", persona);

        Assert.NotNull(claims[present]);
        if (absent.Length > 0)
            Assert.Null(claims[absent]);
    }
}
