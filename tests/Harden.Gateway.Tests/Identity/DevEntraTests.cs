using System.Net;
using System.Text.Json.Nodes;
using Harden.DevEntra;
using Microsoft.AspNetCore.WebUtilities;

namespace Harden.Gateway.Tests.Identity;

public sealed class DevEntraTests(EntraFixture fixture) : IClassFixture<EntraFixture>
{
    private const string Verifier = "0123456789012345678901234567890123456789012";
    private const string Callback = "http://localhost:8080/.harden/signin/callback";

    [Theory]
    [InlineData("Production", "http://localhost:0")]
    [InlineData("Staging", "http://localhost:0")]
    [InlineData("Development", "http://0.0.0.0:0")]
    [InlineData("Development", "http://*:0")]
    [InlineData("Development", "http://192.0.2.1:8082")]
    [InlineData("Development", "https://localhost:0")]
    public void OutsideDevelopmentOrLoopback_RefusesToStart(string environment, string listen)
    {
        var e = Assert.Throws<RefusedException>(() => DevEntra.Program.Build(["--environment", environment, "--DevEntra:Listen", listen]));

        Assert.DoesNotContain('\n', e.Message);
        Assert.Contains("anyone as anyone", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_WorksOnce()
    {
        var code = await CodeAsync();

        Assert.NotNull((await RedeemAsync(code))["id_token"]);
        Assert.Equal("invalid_grant", (await RedeemAsync(code))["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task WrongVerifier_GetsNothingAndSpendsTheCode()
    {
        var code = await CodeAsync();

        Assert.Contains("AADSTS501481", (await RedeemAsync(code, verifier: Verifier + "x"))["error_description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("invalid_grant", (await RedeemAsync(code))["error"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("AADSTS7000215", "wrong", null)]
    [InlineData("AADSTS7000218", "", null)]
    [InlineData("AADSTS50011", "of the tests", "http://localhost:1/.harden/signin/callback")]
    public async Task WrongCredentialOrRedirect_GetsNothing(string expected, string secret, string? redirect)
    {
        var answer = await RedeemAsync(await CodeAsync(), secret: secret, redirect: redirect ?? Callback);

        Assert.Contains(expected, answer["error_description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(answer["id_token"]);
    }

    [Fact]
    public async Task RefreshToken_WorksOnceAndBringsTheNext()
    {
        var first = await RedeemAsync(await CodeAsync());
        var token = first["refresh_token"]!.GetValue<string>();

        var second = await PostAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = token });
        var replayed = await PostAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = token });

        Assert.NotNull(second["access_token"]);
        Assert.NotEqual(token, second["refresh_token"]!.GetValue<string>());
        Assert.Equal("invalid_grant", replayed["error"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("https://evil.example/.harden/signin/callback")]
    [InlineData("http://localhost:8080/elsewhere")]
    [InlineData("http://localhost.evil.example/.harden/signin/callback")]
    [InlineData("http://localhost:8080/.harden/signin/callback?x=1")]
    [InlineData("not an address")]
    public async Task UnregisteredRedirect_IsNeverRedirectedTo(string redirect)
    {
        using var answer = await AuthorizeAsync(redirect);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("AADSTS50011", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    public async Task WithoutPkceS256_IsRefused(string method)
    {
        using var answer = await AuthorizeAsync(Callback, method);

        Assert.Equal("invalid_request", QueryHelpers.ParseQuery(answer.Headers.Location!.Query)["error"]);
    }

    private async Task<string> CodeAsync()
    {
        using var answer = await AuthorizeAsync(Callback);
        return QueryHelpers.ParseQuery(answer.Headers.Location!.Query)["code"].ToString();
    }

    private async Task<HttpResponseMessage> AuthorizeAsync(string redirect, string method = "S256")
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var url = QueryHelpers.AddQueryString($"{fixture.Test.EntraAddress}{EntraUnderTest.Tenant}/oauth2/v2.0/authorize", new Dictionary<string, string?>
        {
            ["client_id"] = EntraUnderTest.ClientId, ["redirect_uri"] = redirect, ["response_type"] = "code", ["scope"] = "openid offline_access",
            ["code_challenge"] = Authorize.Challenge(Verifier), ["code_challenge_method"] = method, ["state"] = "s",
        });
        return await http.PostAsync(url, new FormUrlEncodedContent([new("persona", "member")]));
    }

    private Task<JsonNode> RedeemAsync(string code, string verifier = Verifier, string secret = "of the tests", string redirect = Callback) =>
        PostAsync(new() { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = redirect, ["code_verifier"] = verifier }, secret);

    private async Task<JsonNode> PostAsync(Dictionary<string, string> form, string secret = "of the tests")
    {
        form["client_id"] = EntraUnderTest.ClientId;
        form["client_secret"] = secret;
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(fixture.Test.EntraAddress, $"/{EntraUnderTest.Tenant}/oauth2/v2.0/token"), new FormUrlEncodedContent(form));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
