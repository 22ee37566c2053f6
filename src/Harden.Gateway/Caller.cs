using Microsoft.Net.Http.Headers;

namespace Harden.Gateway;

/// <summary>Tells a person's navigation from every other caller, because only the former can use a redirect or a page.</summary>
internal static class Caller
{
    /// <summary>
    /// True for a browser's top-level or frame navigation. <c>Sec-Fetch-Mode</c> (W3C Fetch Metadata) decides where it is sent;
    /// older browsers are told by <c>Accept: text/html</c> on a GET, HEAD or form POST that is no upgrade and no XHR.
    /// </summary>
    public static bool IsNavigation(HttpRequest request)
    {
        if (request.Headers.ContainsKey(HeaderNames.Upgrade) || request.Method == HttpMethods.Connect)
            return false;
        var mode = request.Headers["Sec-Fetch-Mode"];
        if (mode.Count > 0)
            return mode == "navigate";
        return !request.Headers.ContainsKey("X-Requested-With")
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsPost(request.Method))
            && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>True for gRPC (content type <c>application/grpc…</c>), which reads its status from headers, not from a body.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);
}
