using System.Net;
using System.Net.Sockets;

namespace Harden.Hosting.Decisions;

/// <summary>
/// A free port on the loopback interface. Ports are chosen here, not by Aspire's proxy: behind the proxy every connection
/// succeeds, even to an app that is not there, and every client has the address of the proxy.
/// </summary>
internal static class FreePort
{
    /// <summary>A port that is free at this moment.</summary>
    public static int Take()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
