using Harden.Gateway.Configuration;

namespace Harden.Gateway;

/// <summary>HTTP methods as rules name them.</summary>
internal static class MethodName
{
    // IANA's registry of HTTP methods, as far as apps answer them.
    private static readonly string[] Known =
    [
        "ACL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF",
        "MKWORKSPACE", "MOVE", "OPTIONS", "ORDERPATCH", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT", "QUERY", "REBIND", "REPORT", "SEARCH", "TRACE", "UNBIND",
        "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
    ];

    /// <summary>
    /// True if what a rule says of one method holds for another. HEAD is GET without the body. CONNECT, as far as the edge lets it pass, opens a
    /// WebSocket over HTTP/2 (RFC 8441), which over HTTP/1.1 is a GET, and mostly reaches the app as one. Neither may slip past a rule for GET.
    /// </summary>
    public static bool Covers(string named, string method) =>
        named.Equals(method, StringComparison.OrdinalIgnoreCase) || (HttpMethods.IsGet(named) && (HttpMethods.IsHead(method) || HttpMethods.IsConnect(method)));

    /// <summary>What is wrong with a method that a rule names; null if nothing is.</summary>
    public static string? Mend(string named) => Known.Contains(named, StringComparer.OrdinalIgnoreCase)
        ? null
        : $"is not an HTTP method.{SectionWalker.Suggest(named.ToUpperInvariant(), ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])}";
}
