using System.Net;
using Harden.Gateway.Tests.Infrastructure;

namespace Harden.Gateway.Tests.Access;

public sealed class AccessTests
{
    [Fact]
    public async Task Navigation_GoesToSignIn_AndComesBack()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => throw new InvalidOperationException("reached"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Access:Default=SignedIn");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders?id=1&x=%2f");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/.harden/signin?returnUrl=%2Forders%3Fid%3D1%26x%3D%252f", answer.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("GET", "cors", "*/*")]
    [InlineData("GET", null, "application/json")]
    [InlineData("POST", "navigate", "text/html")]
    public async Task OtherCallers_Get401(string method, string? mode, string accept)
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => throw new InvalidOperationException("reached"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Access:Default=SignedIn");
        using var request = new HttpRequestMessage(new(method), "/");
        request.Headers.Accept.ParseAdd(accept);
        if (mode is not null)
            request.Headers.Add("Sec-Fetch-Mode", mode);

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.NotEmpty(answer.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task ReportOnlyRule_RefusesNothingAndOpensNothing()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address,
            "Access:Rules:0:Name=trial", "Access:Rules:0:Allow=Nobody", "Access:Rules:0:ReportOnly=true",
            "Access:Rules:1:Name=open", "Access:Rules:1:Paths:0=/open", "Access:Rules:1:Allow=Anonymous", "Access:Default=Nobody");

        using var open = await gateway.Client.GetAsync("/open");
        using var closed = await gateway.Client.GetAsync("/closed");

        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, closed.StatusCode);
    }
}
