using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Identity;

/// <summary>Sign-in for programs: the device code, and the redirect to a port of one's own machine.</summary>
public sealed class DevEntraDeviceTests
{
    private const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

    [Fact]
    public async Task DeviceCode_BringsTokensOnceItsPersonHasTypedIt()
    {
        await using var entra = await DevEntraClient.StartAsync("DevEntra:DeviceCodeInterval=0");
        var begun = await BeginAsync(entra);
        var page = new Uri(begun["verification_uri"]!.GetValue<string>());
        var code = begun["user_code"]!.GetValue<string>();
        Assert.Matches("^[A-Z2-9]{9}$", code);
        Assert.Contains(code, begun["message"]!.GetValue<string>(), StringComparison.Ordinal);

        Assert.Equal("authorization_pending", await ErrorAsync(entra, begun));
        Assert.Contains("Check the code", await entra.SubmitAsync(page.AbsolutePath, ("otc", "WRONG2345")), StringComparison.Ordinal);
        Assert.Contains("Max Member", await entra.SubmitAsync(page.AbsolutePath, ("otc", code.ToLowerInvariant())), StringComparison.Ordinal);
        Assert.Equal("authorization_pending", await ErrorAsync(entra, begun));
        Assert.Contains("You have signed in", await entra.SubmitAsync(page.AbsolutePath, ("otc", code), ("persona", "member")), StringComparison.Ordinal);
        var (status, tokens) = await PollAsync(entra, begun);

        Assert.Equal(StatusCodes.Status200OK, status);
        Assert.Equal("access_as_user", DevEntraClient.Claims(tokens, "access_token")["scp"]!.GetValue<string>());
        Assert.Equal("0", DevEntraClient.Claims(tokens, "access_token")["azpacr"]!.GetValue<string>());
        Assert.Equal("bad_verification_code", await ErrorAsync(entra, begun));
    }

    [Fact]
    public async Task DeviceCodeThatIsDeclined_SaysSo()
    {
        await using var entra = await DevEntraClient.StartAsync();
        var begun = await BeginAsync(entra);

        await entra.SubmitAsync("/devicelogin", ("otc", begun["user_code"]!.GetValue<string>()), ("persona", "-"));

        Assert.Equal("authorization_declined", await ErrorAsync(entra, begun));
    }

    [Fact]
    public async Task ImpatientDevice_IsSlowedDown()
    {
        await using var entra = await DevEntraClient.StartAsync("DevEntra:DeviceCodeInterval=60");
        var begun = await BeginAsync(entra);

        Assert.Equal("authorization_pending", await ErrorAsync(entra, begun));
        Assert.Equal("slow_down", await ErrorAsync(entra, begun));
    }

    [Fact]
    public async Task DeviceCodeNobodyTyped_Expires()
    {
        await using var entra = await DevEntraClient.StartAsync("DevEntra:DeviceCodeLifetime=0");
        var begun = await BeginAsync(entra);

        Assert.Equal("expired_token", await ErrorAsync(entra, begun));
    }

    [Theory]
    [InlineData("client_id", "somebody", "unauthorized_client")]
    [InlineData("scope", "", "invalid_request")]
    public async Task DeviceCodeForNobody_IsRefused(string name, string value, string expected)
    {
        await using var entra = await DevEntraClient.StartAsync();
        var form = new Dictionary<string, string> { ["client_id"] = EntraUnderTest.ClientId, ["scope"] = "openid", [name] = value };

        var (_, body) = await entra.PostAsync("devicecode", [.. form.Select(static f => (f.Key, f.Value))]);

        Assert.Equal(expected, body["error"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("http://localhost:51234", "", null)]
    [InlineData("http://localhost:51234/", "", null)]
    [InlineData("http://localhost:51234", "of the tests", "AADSTS700025")]
    public async Task PublicClient_RedeemsItsCodeWithoutASecretOnly(string redirect, string secret, string? error)
    {
        await using var entra = await DevEntraClient.StartAsync();
        using var answer = await entra.AuthorizeAsync("member", ("redirect_uri", redirect), ("scope", "openid offline_access"));

        var (_, tokens) = await entra.PostAsync("token", ("grant_type", "authorization_code"), ("code", DevEntraClient.Query(answer)["code"]), ("redirect_uri", redirect), ("code_verifier", DevEntraClient.Verifier), ("client_id", EntraUnderTest.ClientId), ("client_secret", secret));

        if (error is not null)
        {
            Assert.StartsWith(error, tokens["error_description"]!.GetValue<string>(), StringComparison.Ordinal);
            return;
        }
        var (status, _) = await entra.PostAsync("token", ("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"]!.GetValue<string>()), ("client_id", EntraUnderTest.ClientId));
        Assert.Equal(StatusCodes.Status200OK, status);
    }

    [Theory]
    [InlineData("https://localhost:51234")]
    [InlineData("http://127.0.0.1:51234")]
    [InlineData("http://localhost:51234/elsewhere")]
    [InlineData("http://localhost:51234/?x=1")]
    public async Task OtherRedirect_IsRefused(string redirect)
    {
        await using var entra = await DevEntraClient.StartAsync();

        using var answer = await entra.AuthorizeAsync("member", ("redirect_uri", redirect));

        Assert.Contains("AADSTS50011", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> BeginAsync(DevEntraClient entra)
    {
        var (status, body) = await entra.PostAsync("devicecode", ("client_id", EntraUnderTest.ClientId), ("scope", $"openid {EntraUnderTest.ClientId}/.default"));
        Assert.Equal(StatusCodes.Status200OK, status);
        return body;
    }

    private static Task<(int Status, JsonNode Body)> PollAsync(DevEntraClient entra, JsonNode begun) =>
        entra.PostAsync("token", ("grant_type", DeviceGrant), ("device_code", begun["device_code"]!.GetValue<string>()), ("client_id", EntraUnderTest.ClientId));

    private static async Task<string> ErrorAsync(DevEntraClient entra, JsonNode begun) => (await PollAsync(entra, begun)).Body["error"]!.GetValue<string>();
}
