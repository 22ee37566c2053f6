using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Harden.Gateway.RateLimits;

/// <summary>The owner of a counter. A value, so that looking one up allocates nothing.</summary>
/// <param name="Text">Subject or tenant; null for an address or the whole app.</param>
/// <param name="Network">The first 64 bits of an IPv6 address, or an IPv4 address.</param>
internal readonly record struct PartitionKey(string? Text, ulong Network)
{
    /// <summary>The key of a request under a policy.</summary>
    public static PartitionKey Of(RequestScope scope, PartitionBy by) => by switch
    {
        PartitionBy.App => default,
        PartitionBy.Subject when scope.Subject is { } subject => new(subject.Key, 0),
        PartitionBy.Tenant when scope.Subject is { } subject => new(subject.Tenant, 0),
        _ => Of(scope.Client),
    };

    /// <summary>The key as it stands in Redis.</summary>
    public override string ToString() => Text is { Length: > 0 } ? Text : Network.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    // One customer's IPv6 line is a /64: counting single addresses would give everyone 2^64 budgets.
    private static PartitionKey Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out _))
            return new("unknown", 0);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? new(null, 0x1_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new("", BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
