using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Harden.Gateway.Identity;
using Harden.Gateway.Tests.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Identity;

/// <summary>Tokens that nobody issues, and answers of an issuer that are none.</summary>
public sealed class BearerRubbishTests
{
    [Fact]
    public async Task UnsignedRubbish_IsNobodysToken_NeverAFailure()
    {
        await using var test = await IssuerUnderTest.StartAsync();
        string[] values = ["null", "true", "-1", "1e400", "1e19", "99999999999999999999", "\"x\"", "\"\\ud800\"", "[]", "[[1]]", "[\"\\ud800\"]", "{\"\\ud800\":1}", "{}", "[null]"];
        string[] claims = ["iss", "aud", "exp", "nbf", "iat", "tid", "roles", "ver", "_claim_names", "\\ud800"];
        string[] headers = ["alg", "kid", "typ", "crit", "enc", "x5t"];
        string[] whole = ["", "[]", "1", "null", "{", "{}x", "{\"a\":1,}", new string('[', 70), "{\"a\":" + new string('[', 70) + new string(']', 70) + "}"];
        var rubbish = claims.SelectMany(c => values.Select(v => (Header: Header, Payload: $"{{\"{c}\":{v}}}")))
            .Concat(headers.SelectMany(h => values.Select(v => ($"{{\"alg\":\"RS256\",\"{h}\":{v}}}", "{}"))))
            .Concat(whole.SelectMany(static w => ((string, string)[])[(w, "{}"), (Header, w)]));

        foreach (var (header, payload) in rubbish)
            Assert.True(await test.StatusAsync($"{Encode(header)}.{Encode(payload)}.AAAA") == 401, $"{header} {payload}");
        foreach (var token in (string[])["..", "a..", "....", $"{Encode(Header)}.{Base64Url.EncodeToString([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])}.AAAA", $"{Encode(Header)}.e30.AA.BB.CC"])
            Assert.Equal(401, await test.StatusAsync(token));
    }

    [Theory]
    [InlineData("exp", null, 401)]
    [InlineData("exp", "\"tomorrow\"", 401)]
    [InlineData("exp", "1e18", 200)] // far away, and no overflow
    [InlineData("exp", "253402300799", 200)]
    [InlineData("nbf", null, 200)]
    [InlineData("iat", null, 200)]
    [InlineData("aud", "[\"another\"]", 401)]
    [InlineData("aud", "[[\"de000000-0000-4000-8000-0000000000c1\"]]", 401)]
    [InlineData("aud", "{\"de000000-0000-4000-8000-0000000000c1\":1}", 401)]
    [InlineData("tid", "[\"de000000-0000-4000-8000-000000000001\",\"de000000-0000-4000-8000-000000000002\"]", 401)]
    [InlineData("oid", "[\"de000000-0000-4000-8000-0000000000a3\",\"de000000-0000-4000-8000-0000000000a1\"]", 401)]
    [InlineData("oid", "\"{de000000-0000-4000-8000-0000000000a3}\"", 401)]
    [InlineData("ver", "\"1.0\"", 401)]
    [InlineData("cnf", "{\"kid\":\"a key of the caller\"}", 401)]
    public async Task SignedToken_IsAcceptedOnlyIfItCanBeReadInOneWay(string claim, string? value, int expected)
    {
        await using var test = await IssuerUnderTest.StartAsync();
        var claims = test.Claims();
        if (value is null)
            claims.Remove(claim);
        else
            claims[claim] = JsonNode.Parse(value);

        Assert.Equal(expected, await test.StatusAsync(test.Sign(claims)));
    }

    [Fact]
    public async Task RolesInsideRoles_AreNoRoles()
    {
        await using var test = await IssuerUnderTest.StartAsync(null, "Access:Rules:0:Roles:0=Admin");
        var claims = test.Claims();
        claims["roles"] = JsonNode.Parse("""["Member",["Admin"],{"x":"Admin"},"Admin "]""");

        Assert.Equal(403, await test.StatusAsync(test.Sign(claims)));
    }

    [Fact]
    public async Task HeaderThatNamesAnotherKey_IsNotFollowed()
    {
        await using var test = await IssuerUnderTest.StartAsync();
        await using var stranger = await IssuerUnderTest.StartAsync();
        var header = new JsonObject { ["jku"] = $"{stranger.Address}/keys", ["x5u"] = $"{stranger.Address}/cert", ["jwk"] = new JsonObject { ["kty"] = "RSA", ["n"] = "AQAB", ["e"] = "AQAB" } };

        Assert.Equal(401, await test.StatusAsync(stranger.Sign(test.Claims(), header: header)));
        Assert.Equal(200, await test.StatusAsync(test.Sign(test.Claims(), header: (JsonObject)header.DeepClone())));

        Assert.Empty(stranger.Asked);
    }

    [Fact]
    public async Task CriticalHeader_IsNotIgnored()
    {
        await using var test = await IssuerUnderTest.StartAsync();

        Assert.Equal(401, await test.StatusAsync(test.Sign(test.Claims(), header: new() { ["crit"] = new JsonArray("b64"), ["b64"] = false })));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"issuer":"x"}""")]
    [InlineData("[]")]
    [InlineData("<html>Log in to this network</html>")]
    public async Task MetadataThatIsNone_DoesNotTakeThePlaceOfWhatIsKnown(string body)
    {
        var time = new ManualTime();
        await using var test = await IssuerUnderTest.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(time));
        var claims = test.Claims();
        claims["exp"] = DateTimeOffset.UtcNow.AddDays(2).ToUnixTimeSeconds();
        Assert.Equal(200, await test.StatusAsync(test.Sign(claims)));

        test.Instead = context => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, body);
        time.Advance(TimeSpan.FromHours(13));
        claims["uti"] = "another";
        Assert.Equal(200, await test.StatusAsync(test.Sign(claims)));
        await Recorded.Until(() => test.Count("v2") == 2 ? "" : null, "the second fetch");
        claims["uti"] = "a third";

        Assert.Equal(200, await test.StatusAsync(test.Sign(claims)));
    }

    [Fact]
    public async Task RevocationDuringATokensFirstValidation_IsNotMissed()
    {
        await using var test = await IssuerUnderTest.StartAsync();
        var open = new TaskCompletionSource();
        test.Gate = open.Task;
        var token = test.Sign(test.Claims());
        var first = test.StatusAsync(token);
        await Recorded.Until(() => test.Count("v2") == 1 ? "" : null, "the fetch of the keys");

        await test.Gateway.Services.GetRequiredService<Revocations>().RevokeAsync($"{IssuerUnderTest.Tenant}/de000000-0000-4000-8000-0000000000a3");
        open.SetResult();

        Assert.Equal(401, await first);
        Assert.Equal(401, await test.StatusAsync(token));
    }

    [Fact]
    public void TokenThatWasGivenUp_IsNotRidden_AndOneThatIsRiddenIsNotGivenUp()
    {
        var subject = new Subject { Tenant = IssuerUnderTest.Tenant, ObjectId = "de000000-0000-4000-8000-0000000000a3", Scheme = "bearer" };
        var (idle, ridden) = (new KnownToken(subject, default, default, new()), new KnownToken(subject, default, default, new()));

        Assert.True(ridden.Mount());
        Assert.False(ridden.Retire());
        ridden.Dismount();
        Assert.True(ridden.Retire());
        Assert.True(idle.Retire());

        Assert.False(idle.Mount());
        Assert.False(idle.IsInUse);
    }

    private const string Header = """{"alg":"RS256","kid":"k"}""";

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
