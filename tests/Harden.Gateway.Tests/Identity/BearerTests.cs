using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harden.DevEntra;
using Harden.Gateway.Configuration;
using Harden.Gateway.Identity;
using Harden.Gateway.Tests.Audit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Identity;

public sealed class BearerTests(EntraFixture fixture) : IClassFixture<EntraFixture>
{
    private const string Oid = "de000000-0000-4000-8000-0000000000a3";

    [Theory]
    [InlineData("v2", 200)]
    [InlineData("v1", 200)]
    [InlineData("api audience", 200)]
    [InlineData("app role", 200)]
    [InlineData("other audience", 401)]
    [InlineData("other tenant", 401)]
    [InlineData("tenant and issuer disagree", 401)]
    [InlineData("other issuer", 401)]
    [InlineData("expired", 401)]
    [InlineData("expired a minute ago", 200)]
    [InlineData("not yet valid", 401)]
    [InlineData("no expiry", 401)]
    [InlineData("no object", 401)]
    [InlineData("id token", 401)]
    [InlineData("no permission", 401)]
    public async Task Token_IsAcceptedOnlyIfAllOfItFits(string kind, int expected)
    {
        var test = fixture.Test;
        var claims = Claims(test);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        switch (kind)
        {
            case "v1": claims["ver"] = "1.0"; claims["iss"] = $"{test.EntraAddress}{EntraUnderTest.Tenant}/"; claims.Remove("azp"); claims["appid"] = EntraUnderTest.ClientId; break;
            case "api audience": claims["aud"] = "api://" + EntraUnderTest.ClientId; break;
            case "app role": claims.Remove("scp"); claims["roles"] = new JsonArray("Tasks.Read"); break;
            case "other audience": claims["aud"] = "00000003-0000-0000-c000-000000000000"; break;
            case "other tenant": claims["tid"] = EntraUnderTest.OtherTenant; claims["iss"] = $"{test.EntraAddress}{EntraUnderTest.OtherTenant}/v2.0"; break;
            case "tenant and issuer disagree": claims["tid"] = EntraUnderTest.OtherTenant; break;
            case "other issuer": claims["iss"] = $"https://evil.example/{EntraUnderTest.Tenant}/v2.0"; break;
            case "expired": claims["exp"] = now - 300; claims["nbf"] = now - 900; break;
            case "expired a minute ago": claims["exp"] = now - 60; claims["nbf"] = now - 900; break;
            case "not yet valid": claims["nbf"] = now + 600; break;
            case "no expiry": claims.Remove("exp"); break;
            case "no object": claims.Remove("oid"); break;
            case "id token": claims.Remove("azp"); claims.Remove("scp"); claims["nonce"] = "n"; claims["roles"] = new JsonArray("Admin"); break;
            case "no permission": claims.Remove("scp"); break;
        }

        Assert.Equal(expected, (int)await StatusAsync(test, Sign(test, claims)));
    }

    [Fact]
    public async Task ForgedSignature_Is401()
    {
        var test = fixture.Test;
        var good = Sign(test, Claims(test));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test, good));
        var parts = good.Split('.');
        var key = (JsonObject)((JsonArray)test.Entra.Services.GetRequiredService<SigningKeys>().Published("")["keys"]!)[0]!;
        var publicKey = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars(key["n"]!.GetValue<string>()), Exponent = Base64Url.DecodeFromChars(key["e"]!.GetValue<string>()) });
        var kid = key["kid"]!.GetValue<string>();

        var hmacs = ((byte[][])[publicKey.ExportSubjectPublicKeyInfo(), publicKey.ExportRSAPublicKey(), Encoding.ASCII.GetBytes(publicKey.ExportSubjectPublicKeyInfoPem())])
            .Select(secret => Assemble($$"""{"alg":"HS256","typ":"JWT","kid":"{{kid}}"}""", parts[1], text => HMACSHA256.HashData(secret, text)));
        string[] forged =
        [
            .. hmacs,
            Assemble("""{"alg":"none","typ":"JWT"}""", parts[1], static _ => []),
            Assemble($$"""{"alg":"None","typ":"JWT","kid":"{{kid}}"}""", parts[1], static _ => []),
            Assemble($$"""{"alg":"RS256","typ":"JWT","kid":"{{kid}}"}""", parts[1], static text => RSA.Create(2048).SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            Assemble("""{"alg":"RS256","typ":"JWT","kid":"unknown"}""", parts[1], static text => RSA.Create(2048).SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            Assemble("""{"alg":"RS256","typ":"JWT"}""", parts[1], static text => RSA.Create(2048).SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}",
            $"{parts[0]}.{Base64Url.EncodeToString("{}"u8)}.{parts[2]}",
            good[..^9] + (good[^9] == 'A' ? 'B' : 'A') + good[^8..],
            "not.a.token", "..", "", new string('a', 50_000),
        ];
        foreach (var token in forged)
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(test, token));
    }

    [Fact]
    public async Task RotatedKeys_AreFoundWithoutRestart_AndForgottenOnesAreRefused()
    {
        var time = new ManualTime();
        await using var test = await EntraUnderTest.StartAsync(static context => context.Response.WriteAsync("the app"), builder => builder.Services.AddSingleton<TimeProvider>(time));
        var keys = test.Entra.Services.GetRequiredService<SigningKeys>();
        var old = Sign(test, Claims(test));
        var older = Sign(test, Claims(test, "another"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test, old));

        keys.Rotate(forget: true);
        time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test, Sign(test, Claims(test))));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(test, older));
    }

    [Fact]
    public async Task RefusedToken_IsNamedInTheChallenge()
    {
        var test = fixture.Test;
        var claims = Claims(test);
        claims["aud"] = "somebody else";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Authorization = new("Bearer", Sign(test, claims)) } };

        using var answer = await test.Gateway.Client.SendAsync(request);

        Assert.Equal("Bearer error=\"invalid_token\", error_description=\"audience\"", answer.Headers.WwwAuthenticate.ToString());
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task RevokedSubject_LosesTokensAlreadyAccepted()
    {
        await using var test = await EntraUnderTest.StartAsync();
        var token = Sign(test, Claims(test));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test, token));

        await test.Gateway.Services.GetRequiredService<Revocations>().RevokeAsync($"{EntraUnderTest.Tenant}/{Oid}");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(test, token));
    }

    [Fact]
    public async Task ExpiredToken_EndsWhatRunsOnIt_AfterTheClockSkew()
    {
        var time = new ManualTime();
        await using var test = await EntraUnderTest.StartAsync(RunAsync, builder => builder.Services.AddSingleton<TimeProvider>(time));
        var token = Sign(test, Claims(test));
        using var stream = await StreamAsync(test, token);
        var end = stream.ReadLineAsync();

        time.Advance(TimeSpan.FromMinutes(61));
        using (await StreamAsync(test, token))
            Assert.False(end.IsCompleted); // within the skew a token is still good
        time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAnyAsync<IOException>(() => end.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("token-expired", (await test.Gateway.RecordOf("/stream")).Entry.Decision!.Reason);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(test, token));
    }

    [Fact]
    public async Task TenantThatIsNoLongerAllowed_LosesItsStreams()
    {
        await using var test = await EntraUnderTest.StartAsync(RunAsync, null, "AzureAd:TenantId=organizations", $"AzureAd:AllowedTenants:0={EntraUnderTest.Tenant}");
        using var stream = await StreamAsync(test, Sign(test, Claims(test)));

        Reload(test, "AzureAd:AllowedTenants:0", EntraUnderTest.OtherTenant);

        await Assert.ThrowsAnyAsync<IOException>(() => stream.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("tenant-not-allowed", (await test.Gateway.RecordOf("/stream")).Entry.Decision!.Reason);
    }

    [Fact]
    public async Task AcceptedToken_IsRefusedOnceItsAudienceIsTakenOut()
    {
        await using var test = await EntraUnderTest.StartAsync($"AzureAd:Audience={EntraUnderTest.ClientId}");
        var token = Sign(test, Claims(test));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test, token));

        Reload(test, "AzureAd:Audience", "api://another");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(test, token));
    }

    [Fact]
    public async Task RevokedSubject_LosesStreamsThatRunOnTheirTokens_AndNobodyElseDoes()
    {
        await using var test = await EntraUnderTest.StartAsync(RunAsync, null);
        var other = Claims(test);
        other["oid"] = "de000000-0000-4000-8000-0000000000a1";
        using var theirs = await StreamAsync(test, Sign(test, Claims(test)));
        using var others = await StreamAsync(test, Sign(test, other));
        var (end, goesOn) = (theirs.ReadLineAsync(), others.ReadLineAsync());

        await test.Gateway.Services.GetRequiredService<Revocations>().RevokeAsync($"{EntraUnderTest.Tenant}/{Oid}");

        await Assert.ThrowsAnyAsync<IOException>(() => end.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("revoked", (await test.Gateway.RecordOf("/stream")).Entry.Decision!.Reason);
        Assert.False(goesOn.IsCompleted);
    }

    [Fact]
    public async Task AcceptedToken_IsGoodWhileEntraIsDown()
    {
        await using var test = await EntraUnderTest.StartAsync();
        var token = Sign(test, Claims(test));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test, token));

        await test.Entra.StopAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test, token));
    }

    [Fact]
    public async Task Service_GetsATokenByClientCredentialsAndUsesIt()
    {
        await using var test = await EntraUnderTest.StartAsync("Access:Rules:0:Roles:0=Tasks.Read");
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(test.EntraAddress, $"/{EntraUnderTest.Tenant}/oauth2/v2.0/token"), new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", EntraUnderTest.ClientId), new("client_secret", "of the tests"), new("scope", $"api://{EntraUnderTest.ClientId}/.default"),
        ]));
        var token = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["access_token"]!.GetValue<string>();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test, token));
    }

    [Fact]
    public async Task TokenOfATenantThatIsNoLongerAllowed_Is401()
    {
        await using var test = await EntraUnderTest.StartAsync("AzureAd:TenantId=organizations", $"AzureAd:AllowedTenants:0={EntraUnderTest.Tenant}");
        var token = Sign(test, Claims(test));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(test, token));

        Reload(test, "AzureAd:AllowedTenants:0", EntraUnderTest.OtherTenant);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(test, token));
    }

    private static async Task RunAsync(HttpContext context)
    {
        await context.Response.WriteAsync("the app\n");
        await context.Response.Body.FlushAsync();
        if (context.Request.Path == "/stream")
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
    }

    private static void Reload(EntraUnderTest test, string key, string value)
    {
        test.Gateway.Services.GetRequiredService<IConfiguration>()[key] = value;
        test.Gateway.Services.GetRequiredService<HardenConfiguration>().Load();
    }

    private static async Task<StreamReader> StreamAsync(EntraUnderTest test, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/stream") { Headers = { Authorization = new("Bearer", token) } };
        var answer = await test.Gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("the app", await reader.ReadLineAsync());
        return reader;
    }

    private static JsonObject Claims(EntraUnderTest test, string uti = "u")
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return new()
        {
            ["aud"] = EntraUnderTest.ClientId,
            ["iss"] = $"{test.EntraAddress}{EntraUnderTest.Tenant}/v2.0",
            ["tid"] = EntraUnderTest.Tenant,
            ["oid"] = Oid,
            ["azp"] = EntraUnderTest.ClientId,
            ["scp"] = "access_as_user",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 3600,
            ["ver"] = "2.0",
            ["uti"] = uti,
        };
    }

    private static string Sign(EntraUnderTest test, JsonObject claims) => test.Entra.Services.GetRequiredService<Tokens>().Sign(claims);

    private static string Assemble(string header, string payload, Func<byte[], byte[]> sign)
    {
        var body = $"{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(header))}.{payload}";
        return $"{body}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(body)))}";
    }

    private static async Task<HttpStatusCode> StatusAsync(EntraUnderTest test, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        using var answer = await test.Gateway.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
