using System.Net;

namespace Harden.Gateway.Audit;

/// <summary>Addresses as text. The last one of each thread is kept: connections send many requests, and formatting is most of the cost.</summary>
internal static class AddressText
{
    [ThreadStatic]
    private static (IPAddress Address, string Text) last;

    public static string Of(IPAddress address)
    {
        if (!ReferenceEquals(address, last.Address) && !address.Equals(last.Address))
            last = (address, ReferenceEquals(address, IPAddress.None) ? "" : address.ToString());
        return last.Text;
    }
}
