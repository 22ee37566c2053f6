using System.Net;
using System.Net.Sockets;

namespace Harden;

/// <summary>
/// Ports on which nobody listens, for servers that can't choose one themselves. Below those that systems give to outgoing connections (from 32768 on Linux, from
/// 49152 elsewhere): one of these could take the port before the server does.
/// </summary>
internal static class FreePorts
{
    private static readonly HashSet<int> Given = [];

    /// <summary>A port.</summary>
    public static int One()
    {
        lock (Given)
        {
            for (var tries = 0; tries < 1000; tries++)
            {
                var port = Random.Shared.Next(20_000, 32_000);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
        throw new InvalidOperationException("No free port was found between 20000 and 32000.");
    }

    private static bool IsFree(int port)
    {
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            try
            {
                using var listener = new TcpListener(address, port);
                listener.Start();
            }
            catch (SocketException e) when (e.SocketErrorCode is not (SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported))
            {
                return false;
            }
            catch (SocketException)
            {
                // Without IPv6 there is nothing to take.
            }
        }
        return true;
    }
}
