using System.Net;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Identity;

/// <summary>The faults that DevEntra puts into tokens on demand, met by a gateway.</summary>
public sealed class BearerFaultTests(EntraFixture fixture) : IClassFixture<EntraFixture>
{
    [Theory]
    [InlineData("", 200, "")]
    [InlineData("wrong-audience", 401, "audience")]
    [InlineData("wrong-issuer", 401, "issuer")]
    [InlineData("wrong-tenant", 401, "issuer")]
    [InlineData("expired", 401, "expired")]
    [InlineData("not-yet-valid", 401, "not-yet-valid")]
    [InlineData("unknown-kid", 401, "unknown-key")]
    [InlineData("bad-signature", 401, "signature")]
    public async Task FaultyToken_IsRefusedAndNamed(string fault, int expected, string problem)
    {
        var entra = new DevEntraClient(fixture.Test.Entra);
        await entra.SendAsync("/dev/faults", ("token", fault));
        var (status, tokens) = await entra.PostAsync("token", ("grant_type", "client_credentials"), ("client_id", EntraUnderTest.ClientId), ("client_secret", "of the tests"), ("scope", $"api://{EntraUnderTest.ClientId}/.default"));
        Assert.Equal(StatusCodes.Status200OK, status);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Authorization = new("Bearer", tokens["access_token"]!.GetValue<string>()) } };

        using var answer = await fixture.Test.Gateway.Client.SendAsync(request);

        Assert.Equal(expected, (int)answer.StatusCode);
        if (expected == (int)HttpStatusCode.Unauthorized)
            Assert.Equal($"Bearer error=\"invalid_token\", error_description=\"{problem}\"", answer.Headers.WwwAuthenticate.ToString());
    }
}
