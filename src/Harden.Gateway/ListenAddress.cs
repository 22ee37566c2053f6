using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Harden.Gateway;

/// <summary>One address a listener is bound to: scheme, host and port.</summary>
/// <param name="Scheme"><c>http</c>, <c>https</c> or <c>h2c</c>.</param>
/// <param name="Host">A host name, an IP address, or <c>*</c> for every interface.</param>
/// <param name="Port">0 to 65535; 0 takes a free one.</param>
internal sealed record ListenAddress(string Scheme, string Host, int Port)
{
    /// <summary>Reads <c>scheme://host:port</c>; null if it isn't one.</summary>
    public static ListenAddress? TryParse(string text)
    {
        var at = text.IndexOf("://", StringComparison.Ordinal);
        var colon = text.LastIndexOf(':');
        if (at < 1 || colon <= at + 3 || !ushort.TryParse(text.AsSpan(colon + 1).TrimEnd('/'), out var port))
            return null;
        var address = new ListenAddress(text[..at].ToLowerInvariant(), text[(at + 3)..colon], port);
        return address.Scheme is "http" or "https" or "h2c" && (address.Host is "*" or "localhost" || address.Ip is not null) ? address : null;
    }

    private IPAddress? Ip => IPAddress.TryParse(Host.Trim('[', ']'), out var ip) ? ip : null;

    /// <summary>True if only this machine can connect.</summary>
    public bool IsLoopback => Host == "localhost" || (Ip is { } ip && IPAddress.IsLoopback(ip));

    /// <summary>Binds Kestrel to the address.</summary>
    /// <param name="kestrel">The server's options.</param>
    /// <param name="configure">What else the listener needs.</param>
    public void Bind(KestrelServerOptions kestrel, Action<ListenOptions>? configure = null)
    {
        void Configure(ListenOptions listen)
        {
            listen.Protocols = Scheme switch
            {
                "h2c" => HttpProtocols.Http2,
                "https" => HttpProtocols.Http1AndHttp2,
                _ => HttpProtocols.Http1,
            };
            if (Scheme == "https")
                listen.UseHttps();
            configure?.Invoke(listen);
        }

        if (Host == "*")
            kestrel.ListenAnyIP(Port, Configure);
        else if (Ip is { } ip)
            kestrel.Listen(ip, Port, Configure);
        else if (Port == 0)
            kestrel.Listen(IPAddress.Loopback, Port, Configure); // "localhost" is two addresses and can't take one free port
        else
            kestrel.ListenLocalhost(Port, Configure);
    }
}
