using System.Net;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests;

public sealed class PipelineTests
{
    [Fact]
    public async Task AllowedRequest_ReachesThePrototype()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("hello"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        Assert.Equal("hello", await gateway.Client.GetStringAsync("/"));
    }

    [Fact]
    public async Task NoRule_IsDeniedByDefault()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => throw new InvalidOperationException("reached"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Access:Default=Nobody");

        using var answer = await gateway.Client.GetAsync("/");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }
}
