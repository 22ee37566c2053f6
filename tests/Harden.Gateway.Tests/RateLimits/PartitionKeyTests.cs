using System.Net;
using Harden.Gateway.RateLimits;

namespace Harden.Gateway.Tests.RateLimits;

public sealed class PartitionKeyTests
{
    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("::ffff:203.0.113.7", "::ffff:203.0.113.8", false)]
    [InlineData("::1", "0.0.0.1", false)]
    public void Addresses_ShareACounterIfTheirNetworkIsTheSame(string one, string other, bool same) =>
        Assert.Equal(same, PartitionKey.NetworkOf(IPAddress.Parse(one)) == PartitionKey.NetworkOf(IPAddress.Parse(other)));

    [Fact]
    public void Names_AreReadable_AndDifferForDifferentKeys()
    {
        Assert.Equal("app", default(PartitionKey).ToString());
        Assert.Equal("tenant/object", new PartitionKey("tenant/object", 0).ToString());
        Assert.Equal("203.0.113.7", new PartitionKey(null, PartitionKey.NetworkOf(IPAddress.Parse("203.0.113.7"))).ToString());
        Assert.Equal("::1", new PartitionKey(null, PartitionKey.NetworkOf(IPAddress.IPv6Loopback)).ToString());
        Assert.Equal("app", default(PartitionKey).ToString());
        Assert.Equal("2001:db8:1:2::/64", new PartitionKey(null, PartitionKey.NetworkOf(IPAddress.Parse("2001:db8:1:2::9"))).ToString());
        Assert.Equal("t/o 10.0.0.1 route=/a/** header=x y", new PartitionKey("t/o", PartitionKey.NetworkOf(IPAddress.Parse("10.0.0.1")), "/a/**", "x y").ToString());
    }

    [Theory]
    [InlineData(1, "1 second")]
    [InlineData(120, "120 seconds")]
    [InlineData(1200, "20 minutes")]
    [InlineData(3541, "60 minutes")]
    [InlineData(7201, "3 hours")]
    public void Wait_IsToldAsPeopleTellTime_RoundedUp(long seconds, string words) => Assert.Equal(words, RateLimitMiddleware.InWords(seconds));
}
