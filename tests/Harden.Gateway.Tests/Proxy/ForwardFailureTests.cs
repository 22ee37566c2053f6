using System.Net.Sockets;
using Harden.Gateway.Proxy;
using Yarp.ReverseProxy.Forwarder;

namespace Harden.Gateway.Tests.Proxy;

public sealed class ForwardFailureTests
{
    [Theory]
    [InlineData(ForwarderError.UpgradeRequestClient, "client-left")]
    [InlineData(ForwarderError.UpgradeResponseClient, "client-left")]
    [InlineData(ForwarderError.ResponseBodyClient, "client-left")]
    [InlineData(ForwarderError.UpgradeRequestDestination, "closed")]
    [InlineData(ForwarderError.UpgradeResponseDestination, "closed")]
    [InlineData(ForwarderError.ResponseBodyDestination, "closed")]
    public void WhoBrokeOff_IsTheSideThatFailed_AlsoBeforeTheServerSaysThatTheClientIsGone(ForwarderError error, string word) =>
        Assert.Equal(word, ForwardFailure.Of(error, new IOException("", new SocketException((int)SocketError.ConnectionReset)), expired: false, clientLeft: false).Error);

    [Fact]
    public void UpgradeThatNobodyAskedFor_IsTheAppsFault() =>
        Assert.Equal("closed", ForwardFailure.Of(ForwarderError.UpgradeResponseClient, new InvalidOperationException(), expired: false, clientLeft: false).Error);
}
