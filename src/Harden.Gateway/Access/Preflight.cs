using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Harden.Gateway.Access;

/// <summary>Tells CORS preflights (WHATWG Fetch, "CORS-preflight request") from other OPTIONS requests.</summary>
internal static class Preflight
{
    /// <summary>The method that the preflight asks about; null if it is none.</summary>
    public static string? Asked(HttpRequest request)
    {
        var headers = request.Headers;
        // Browsers send each once and never a body: with one it would be a request of its own in a preflight's clothes.
        return headers.Origin is [{ Length: > 0 }] && headers[HeaderNames.AccessControlRequestMethod] is [{ Length: > 0 } method]
            && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } && !headers.ContainsKey(HeaderNames.Upgrade)
            ? method
            : null;
    }
}
