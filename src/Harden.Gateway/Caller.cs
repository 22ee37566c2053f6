using Microsoft.Extensions.Primitives;
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

    /// <summary>
    /// True if a redirect to sign-in leads somewhere: a GET or HEAD navigation of a whole tab, which the person sees. In a frame Entra refuses
    /// to be shown, a form would arrive as a GET, and what is fetched ahead (<c>Sec-Purpose</c>) nobody has asked for yet.
    /// </summary>
    public static bool CanFollowToSignIn(HttpRequest request) =>
        IsNavigation(request) && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && !IsFrame(request)
        && !IsAhead(request.Headers["Sec-Purpose"]) && !IsAhead(request.Headers["Purpose"]) && !IsAhead(request.Headers["X-Moz"]);

    /// <summary>True if what is asked for is shown inside another page.</summary>
    public static bool IsFrame(HttpRequest request) =>
        request.Headers["Sec-Fetch-Dest"] is [{ } destination] && destination is "iframe" or "frame" or "embed" or "object" or "fencedframe";

    /// <summary>True for gRPC (content type <c>application/grpc…</c>), which reads its status from headers, not from a body.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// True for a caller that reads an answer from <c>grpc-status</c>: gRPC, which exists over HTTP/2 only, and gRPC-Web by its own content type. What names
    /// gRPC over HTTP/1.1 is another program, and reads the HTTP status.
    /// </summary>
    public static bool ReadsGrpcStatus(HttpRequest request) =>
        IsGrpc(request) && (request.Protocol is "HTTP/2" or "HTTP/3" || request.ContentType!.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase));

    private static bool IsAhead(StringValues purpose) =>
        purpose.Count > 0 && purpose.ToString().StartsWith("prefetch", StringComparison.OrdinalIgnoreCase);
}
