using System.Net;

namespace Harden.Gateway;

/// <summary>
/// Addresses and networks as people write them in the configuration. The framework reads more into them: <c>10/8</c> is 0.0.0.0/8 to it and
/// <c>010.0.0.0/8</c> is 8.0.0.0/8, so a rule would be for others than it says.
/// </summary>
internal static class NetworkText
{
    /// <summary>The network, of one address if no length is given; null if it is none.</summary>
    public static IPNetwork? Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) || !IsPlain(address, slash < 0 ? text : text[..slash]))
            return null;
        var bits = address.GetAddressBytes().Length * 8;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out length) || length > bits))
            return null;
        // Callers are known by their IPv4 address also where they came over a socket for both kinds.
        if (address.IsIPv4MappedToIPv6)
            (address, length) = (address.MapToIPv4(), length - 96);
        return length < 0 ? null : new(Masked(address, length), length);
    }

    private static bool IsPlain(IPAddress address, string text) =>
        text.Contains(':') ? !text.Contains('%') : address.ToString() == text; // without a scope; four decimal numbers

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xff00 >> Math.Clamp(length - (i * 8), 0, 8));
        return new(bytes);
    }
}
