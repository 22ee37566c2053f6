namespace Harden.Gateway;

/// <summary>HTTP methods as rules name them.</summary>
internal static class MethodName
{
    /// <summary>
    /// True if what a rule says of one method holds for another. HEAD is GET without the body. CONNECT, as far as the edge lets it pass, opens a
    /// WebSocket over HTTP/2 (RFC 8441), which over HTTP/1.1 is a GET, and mostly reaches the app as one. Neither may slip past a rule for GET.
    /// </summary>
    public static bool Covers(string named, string method) =>
        named.Equals(method, StringComparison.OrdinalIgnoreCase) || (HttpMethods.IsGet(named) && (HttpMethods.IsHead(method) || HttpMethods.IsConnect(method)));
}
