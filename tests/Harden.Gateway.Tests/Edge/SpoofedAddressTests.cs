using System.Net;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Infrastructure;

namespace Harden.Gateway.Tests.Edge;

public sealed class SpoofedAddressTests
{
    [Fact]
    public async Task ForwardedForOfAnybody_ChangesNeitherTheRecordNorTheLimitsKey()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address,
            "RateLimits:Policies:0:Name=once", "RateLimits:Policies:0:By:0=Address", "RateLimits:Policies:0:Permits=1", "RateLimits:Policies:0:Window=1.00:00:00");

        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, "203.0.113.1"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(gateway, "203.0.113.2"));

        var entry = (await gateway.RecordOf("/spoofed")).Entry;
        Assert.Equal(("127.0.0.1", "127.0.0.1"), (entry.Source!.Client, entry.Source.Peer));
        Assert.DoesNotContain("203.0.113", Recorded.AllText(gateway.State), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> AskAsync(GatewayUnderTest gateway, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/spoofed");
        foreach (var name in (string[])["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X_Forwarded_For"])
            request.Headers.TryAddWithoutValidation(name, name == "Forwarded" ? $"for={address}" : address);
        using var answer = await gateway.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
