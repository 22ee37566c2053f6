using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harden.Gateway.RateLimits;

/// <summary>The owner of a counter. A value, so that looking one up allocates nothing.</summary>
/// <param name="Who">Subject, API key or tenant; null for the anonymous or where it doesn't count.</param>
/// <param name="Network">The first 64 bits of an IPv6 address, or an IPv4 address; 0 where it doesn't count.</param>
/// <param name="Route">The path pattern; null where it doesn't count.</param>
/// <param name="Header">The header's value; null where it doesn't count.</param>
internal readonly record struct PartitionKey(string? Who, ulong Network, string? Route = null, string? Header = null)
{
    private const ulong Version4 = 0x1_0000_0000; // the /64 that this would be in IPv6 is reserved
    private const ulong Loopback = 0x2_0000_0000; // of IPv6: the first half of ::1 is the 0 of an address that doesn't count

    /// <summary>What counts an address: one customer's IPv6 line is a /64, so counting single addresses would give everyone 2^64 budgets.</summary>
    public static ulong NetworkOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out _))
            return Version4;
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return Version4 | BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (address.IsIPv4MappedToIPv6)
            return Version4 | BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]);
        var network = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return network == 0 ? Loopback : network;
    }

    /// <summary>The name under which it is shown, reset, and kept in Redis. Different keys of one policy have different names.</summary>
    public override string ToString()
    {
        if (this == default)
            return "app";
        if (Network == 0 && Route is null && Header is null)
            return Who!;
        var name = new StringBuilder(Who);
        if (Network != 0)
            Next().Append(Address(Network));
        if (Route is not null)
            Next().Append("route=").Append(Route);
        if (Header is not null)
            Next().Append("header=").Append(Header); // last, because anything may stand in it
        return name.ToString();

        StringBuilder Next() => name.Length > 0 ? name.Append(' ') : name;
    }

    private static string Address(ulong network)
    {
        if (network == Loopback)
            return "::1";
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (network >> 32 != 1)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, network);
            return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes)}/64");
        }
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)network);
        return new IPAddress(bytes[..4]).ToString();
    }
}
