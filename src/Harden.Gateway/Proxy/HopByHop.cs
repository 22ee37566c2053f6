using Microsoft.Extensions.Primitives;

namespace Harden.Gateway.Proxy;

/// <summary>
/// Headers that speak of one connection and end with it (RFC 9110 section 7.6.1). Passing them on is how h2c smuggling and request
/// smuggling begin; honouring those that a client nominates blindly is how it removes headers that a proxy has added.
/// </summary>
internal static class HopByHop
{
    /// <summary>True for a header that never passes, in either direction.</summary>
    public static bool Has(string name) => name.Length switch
    {
        2 => Is(name, "TE"),
        7 => Is(name, "Upgrade") || Is(name, "Alt-Svc"), // Alt-Svc would lead clients past the gateway
        10 => Is(name, "Connection") || Is(name, "Keep-Alive"),
        14 => Is(name, "HTTP2-Settings"),
        16 => Is(name, "Proxy-Connection"),
        17 => Is(name, "Transfer-Encoding"),
        18 => Is(name, "Proxy-Authenticate"),
        19 => Is(name, "Proxy-Authorization"),
        _ => name.Length > 0 && name[0] == ':',
    };

    /// <summary>What <c>Connection</c> nominates besides the usual words; null if nothing, which is nearly always.</summary>
    public static string[]? Nominated(StringValues connection)
    {
        if (connection.Count == 0)
            return null;
        if (connection.Count == 1 && connection[0] is { } only && (Is(only, "keep-alive") || Is(only, "close") || Is(only, "Upgrade")))
            return null;
        return connection.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>
    /// True if the header is nominated. Framing and credentials are not the client's to make connection-specific: without them the
    /// prototype would see another request than the one that was authorised and recorded.
    /// </summary>
    public static bool Contains(string[] nominated, string name) =>
        nominated.Contains(name, StringComparer.OrdinalIgnoreCase)
        && !(Is(name, "Host") || Is(name, "Cookie") || Is(name, "Authorization") || Is(name, "Origin")
             || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Sec-", StringComparison.OrdinalIgnoreCase));

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
