using System.Net;
using System.Net.Sockets;
using Harden.Gateway;

namespace Harden.Cli.Run;

/// <summary>An address somebody outside is to use, and how to choose another.</summary>
/// <param name="Purpose">What it is for, such as <c>the app</c>.</param>
/// <param name="Address">Where it will be.</param>
/// <param name="IsGiven">False if the configuration already says it, so that it need not be handed on.</param>
/// <param name="Mend">How to choose another: the flag and the key.</param>
internal sealed record Listener(string Purpose, ListenAddress Address, bool IsGiven, string Mend)
{
    /// <summary>The address as a browser on this machine takes it.</summary>
    public Uri Url => new($"{(Address.Scheme == "https" ? "https" : "http")}://{(Address.Host is "*" or "0.0.0.0" or "[::]" ? "localhost" : Address.Host)}:{Address.Port}");

    /// <summary>The address as the gateway's settings have it.</summary>
    public string Setting => $"{Address.Scheme}://{Address.Host}:{Address.Port}";

    /// <summary>Chooses: the flag, else the key, else the default.</summary>
    public static Listener Choose(Settings settings, string purpose, string key, int? flag, string flagName, int otherwise)
    {
        var mend = $"{flagName} PORT, or {key} in harden.json";
        if (flag is { } port)
            return new(purpose, new("http", "localhost", port == 0 ? FreePort() : port), true, mend);
        var configured = (settings[key] ?? settings[key + ":0"]) is { } text ? ListenAddress.TryParse(text) : null;
        return new(purpose, configured ?? new("http", "localhost", otherwise), configured is null, mend);
    }

    /// <summary>A port of this machine alone that no configuration speaks of; 0 takes a free one.</summary>
    public static Listener Local(string purpose, int port, string mend) => new(purpose, new("http", "localhost", port == 0 ? FreePort() : port), true, mend);

    /// <summary>A port that is free at this moment on the loopback interface, for both address families.</summary>
    public static int FreePort()
    {
        for (var tries = 0; tries < 20; tries++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            if (CanBind(IPAddress.IPv6Loopback, port))
                return port;
        }
        throw new HostProblem("No free port was found on the loopback interface.");
    }

    /// <summary>Throws if something else already listens there.</summary>
    public void ThrowIfTaken()
    {
        IPAddress[] addresses = Address.Host switch
        {
            "localhost" => [IPAddress.Loopback, IPAddress.IPv6Loopback],
            "*" => [IPAddress.Any],
            _ => IPAddress.TryParse(Address.Host.Trim('[', ']'), out var ip) ? [ip] : [],
        };
        if (Address.Port != 0 && Array.Exists(addresses, ip => !CanBind(ip, Address.Port)))
            throw new HostProblem($"Port {Address.Port} is in use, and {Purpose} needs it. Stop what uses it, or choose another port: {Mend}.");
    }

    private static bool CanBind(IPAddress ip, int port)
    {
        using var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As Kestrel does it: a port whose last user's connections are only lingering is free.
            if (!OperatingSystem.IsWindows())
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(ip, port));
            socket.Listen();
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is not (SocketError.AddressAlreadyInUse or SocketError.AccessDenied); // no IPv6 here: nothing is taken
        }
    }
}
