using System.Net;
using System.Net.Sockets;
using Harden.Gateway.Tests.Infrastructure;

namespace Harden.Gateway.Tests;

public sealed class ListenTests
{
    [Fact]
    public async Task PortInUse_IsToldInASentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var e = await Assert.ThrowsAnyAsync<Exception>(() => GatewayUnderTest.StartAsync(new("http://127.0.0.1:9"), $"Edge:Listen:0=http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}"));

        Assert.Contains("address already in use. Stop what listens there", ListenProblem.Of(e), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://192.0.2.1:8080", "Is it one of this machine?")]
    [InlineData("https://127.0.0.1:0", "needs a certificate")]
    public async Task AddressThatCantBeOpened_IsToldInASentence(string address, string sentence)
    {
        var e = await Assert.ThrowsAnyAsync<Exception>(() => GatewayUnderTest.StartAsync(new("http://127.0.0.1:9"), $"Edge:Listen:0={address}"));

        Assert.Contains(sentence, ListenProblem.Of(e), StringComparison.Ordinal);
    }
}
