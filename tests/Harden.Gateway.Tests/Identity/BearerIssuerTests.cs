using System.Net;
using Harden.Gateway.Tests.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Identity;

/// <summary>Tokens and where their keys come from: algorithms, floods, and an Entra that doesn't answer.</summary>
public sealed class BearerIssuerTests
{
    [Theory]
    [InlineData("RS256", 200)]
    [InlineData("PS256", 200)]
    [InlineData("ES256", 200)]
    [InlineData("RS512", 401)]
    [InlineData("ES384", 401)]
    public async Task Algorithm_IsOneOfThree(string algorithm, int expected)
    {
        await using var test = await IssuerUnderTest.StartAsync();

        Assert.Equal(expected, await test.StatusAsync(test.Sign(test.Claims(), algorithm)));
    }

    [Fact]
    public async Task KeyOfOneAlgorithm_IsNotTakenForAnother()
    {
        await using var test = await IssuerUnderTest.StartAsync();

        Assert.Equal(401, await test.StatusAsync(test.Sign(test.Claims(), "RS256", kid: "E")));
    }

    [Theory]
    [InlineData("https://login.example/{tenantid}/v2.0", 200)]
    [InlineData($"https://login.example/{EntraUnderTest.Tenant}/v2.0", 200)]
    [InlineData($"https://login.example/{EntraUnderTest.OtherTenant}/v2.0", 401)]
    public async Task KeyOfAnotherTenant_SignsNothingHere(string issuer, int expected)
    {
        await using var test = await IssuerUnderTest.StartAsync();
        test.KeyIssuer = issuer;

        Assert.Equal(expected, await test.StatusAsync(test.Sign(test.Claims())));
    }

    [Fact]
    public async Task UnknownKeys_HaveTheMetadataFetchedOnceInHalfAMinute()
    {
        var time = new ManualTime(stands: true);
        await using var test = await IssuerUnderTest.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(time));
        Assert.Equal(200, await test.StatusAsync(test.Sign(test.Claims())));

        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => test.StatusAsync(test.Sign(test.Claims(), kid: $"unknown-{n}"))));
        Assert.Equal(1, test.Count("v2"));
        time.Advance(TimeSpan.FromSeconds(31));
        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => test.StatusAsync(test.Sign(test.Claims(), kid: $"unknown-{n}"))));

        Assert.Equal(2, test.Count("v2"));
    }

    [Fact]
    public async Task TokensOfOtherIssuers_NeverHaveTheMetadataFetchedAgain()
    {
        var time = new ManualTime();
        await using var test = await IssuerUnderTest.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(time));
        var foreign = test.Claims();
        foreign["iss"] = "https://id.of-the-app.example";
        Assert.Equal(401, await test.StatusAsync(test.Sign(foreign)));
        time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(401, await test.StatusAsync(test.Sign(foreign, kid: "of the app")));

        Assert.Equal(1, test.Count("v2"));
    }

    [Fact]
    public async Task EntraThatDoesNotAnswer_Is503_AndRecoveryIsByItself()
    {
        var time = new ManualTime(stands: true);
        await using var test = await IssuerUnderTest.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(time));
        test.Fails = static _ => true;
        var token = test.Sign(test.Claims());

        using (var answer = await test.SendAsync(token))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(10), answer.Headers.RetryAfter?.Delta);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
        Assert.Equal("entra-unavailable", (await test.Gateway.RecordOf("/")).Entry.Decision!.Reason);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => test.StatusAsync(token)));
        Assert.Equal(1, test.Count("v2")); // not asked again by each of them
        test.Fails = static _ => false;
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(200, await test.StatusAsync(token));
    }

    [Fact]
    public async Task V1MetadataThatDoesNotAnswer_IsNotHammered_AndDoesNotStopV2()
    {
        var time = new ManualTime(stands: true);
        await using var test = await IssuerUnderTest.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(time));
        test.Fails = static path => path == $"/{IssuerUnderTest.Tenant}/.well-known/openid-configuration";
        var v1 = test.Sign(test.Claims("1.0"));

        Assert.Equal(503, await test.StatusAsync(v1));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => test.StatusAsync(v1)));
        Assert.Equal(1, test.Count("v1"));
        Assert.Equal(200, await test.StatusAsync(test.Sign(test.Claims())));
        test.Fails = static _ => false;
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(200, await test.StatusAsync(v1));
        Assert.Equal(200, await test.StatusAsync(test.Sign(test.Claims("1.0"))));
        Assert.Equal(2, test.Count("v1"));
    }

    [Fact]
    public async Task ManyAtOnce_WaitForOneFetch_AndOneWhoGivesUpFailsNobody()
    {
        await using var test = await IssuerUnderTest.StartAsync();
        var open = new TaskCompletionSource();
        test.Gate = open.Task;
        using var impatient = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Authorization = new("Bearer", test.Sign(test.Claims())) } };
        var first = test.Gateway.Client.SendAsync(request, impatient.Token);
        await Recorded.Until(() => test.Count("v2") == 1 ? "" : null, "the first fetch");
        var others = Enumerable.Range(0, 10).Select(_ => test.StatusAsync(test.Sign(test.Claims()))).ToArray();

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        open.SetResult();

        Assert.All(await Task.WhenAll(others), static status => Assert.Equal(200, status));
        Assert.Equal(1, test.Count("v2"));
    }

    [Fact]
    public async Task AgeingMetadata_StaysInUseWhileItIsFetchedAgain()
    {
        var time = new ManualTime();
        await using var test = await IssuerUnderTest.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(time));
        var claims = test.Claims();
        claims["exp"] = DateTimeOffset.UtcNow.AddDays(2).ToUnixTimeSeconds();
        Assert.Equal(200, await test.StatusAsync(test.Sign(claims)));
        time.Advance(TimeSpan.FromHours(13));
        var open = new TaskCompletionSource();
        test.Gate = open.Task;
        claims["uti"] = "another";

        Assert.Equal(200, await test.StatusAsync(test.Sign(claims)));
        await Recorded.Until(() => test.Count("v2") == 2 ? "" : null, "the second fetch");
        open.SetResult();
    }

    [Theory]
    [InlineData("00:00:00", 30, 401)]
    [InlineData("00:05:00", 200, 200)]
    [InlineData("00:05:00", 400, 401)]
    public async Task ClockSkew_IsAsConfigured(string skew, int ago, int expected)
    {
        await using var test = await IssuerUnderTest.StartAsync(null, $"AzureAd:ClockSkew={skew}");
        var claims = test.Claims();
        (claims["nbf"], claims["exp"]) = (claims["iat"]!.GetValue<long>() - 3600, claims["iat"]!.GetValue<long>() - ago);

        Assert.Equal(expected, await test.StatusAsync(test.Sign(claims)));
    }

    [Fact]
    public async Task AcceptedToken_IsRefusedOnceItHasExpired()
    {
        var time = new ManualTime();
        await using var test = await IssuerUnderTest.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(time));
        var token = test.Sign(test.Claims());
        Assert.Equal(200, await test.StatusAsync(token));

        time.Advance(TimeSpan.FromMinutes(63));

        Assert.Equal(401, await test.StatusAsync(token));
    }
}
