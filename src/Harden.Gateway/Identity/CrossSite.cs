using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>
/// Stops other sites from acting through a signed-in person's browser, for apps that never thought of it: what changes something, or
/// opens a WebSocket, and rides on the session cookie must come from the app's own pages.
/// </summary>
internal static class CrossSite
{
    /// <summary>
    /// The origin of the page that is not the app's, if on behalf of one the request would change something or open a WebSocket; "" if that
    /// page isn't known; null if there is nothing to object to.
    /// </summary>
    public static string? ForeignOrigin(HttpRequest request, string[] allowed) =>
        !Matters(request) || IsOwn(request, allowed) ? null : request.Headers.Origin is [{ } origin] ? origin : "";

    /// <summary>
    /// True if the app's own page sent the request. <c>Sec-Fetch-Site</c> (W3C Fetch Metadata) can't be set by a page; where a browser
    /// does not send it, <c>Origin</c> must be ours. With neither the sender is unknown, and unknown is refused.
    /// </summary>
    public static bool IsOwn(HttpRequest request, string[] allowed)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        var origin = request.Headers.Origin;
        if (site.Count > 1 || origin.Count > 1)
            return false;
        if (site.Count == 1 ? site[0] is "same-origin" or "none" : origin.Count == 1 && SameOrigin(origin[0], request))
            return true;
        return origin.Count == 1 && Array.Exists(allowed, a => a.TrimEnd('/').Equals(origin[0], StringComparison.OrdinalIgnoreCase));
    }

    private static bool Matters(HttpRequest request)
    {
        var method = request.Method;
        if (HttpMethods.IsGet(method))
            return request.Headers.ContainsKey("Upgrade");
        if (HttpMethods.IsHead(method) || HttpMethods.IsOptions(method))
            return false;
        return true; // CONNECT too: a WebSocket over HTTP/2 (RFC 8441)
    }

    private static bool SameOrigin(string? origin, HttpRequest request)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var theirs) || !request.Host.HasValue)
            return false;
        return Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var ours)
            && theirs.Scheme == ours.Scheme && theirs.Port == ours.Port && theirs.Host.Equals(ours.Host, StringComparison.OrdinalIgnoreCase);
    }
}
