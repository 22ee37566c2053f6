using System.Globalization;
using System.Text;

namespace Harden.Gateway;

/// <summary>
/// Harden's answers for gRPC: HTTP 200 with status and message in the headers and no body ("Trailers-Only"), the only form of failure
/// that every gRPC client reads as one and not as a broken connection.
/// </summary>
internal static class AnswerGrpc
{
    public static Task WriteAsync(HttpContext context, int status, string title, string detail)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        // gRPC-Web is told by its own type and reads the same headers.
        response.ContentType = context.Request.ContentType!.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase) ? "application/grpc-web" : "application/grpc";
        response.Headers["grpc-status"] = Code(status).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Encode($"{title}. {detail} (reference {RequestScope.Of(context).TraceId})");
        return Task.CompletedTask;
    }

    /// <summary>The gRPC status that means what an HTTP status means (grpc.io, "HTTP to gRPC Status Code Mapping", where it is more precise).</summary>
    internal static int Code(int status) => status switch
    {
        StatusCodes.Status400BadRequest or StatusCodes.Status431RequestHeaderFieldsTooLarge => 3, // INVALID_ARGUMENT
        StatusCodes.Status401Unauthorized => 16, // UNAUTHENTICATED
        StatusCodes.Status403Forbidden => 7, // PERMISSION_DENIED
        StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed => 12, // UNIMPLEMENTED
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status429TooManyRequests => 8, // RESOURCE_EXHAUSTED
        502 or 503 or 504 => 14, // UNAVAILABLE: the client may try again
        _ => 13, // INTERNAL
    };

    // "Percent-Byte-Encode" of the gRPC protocol: printable ASCII but % stays.
    private static string Encode(string message)
    {
        var text = new StringBuilder(message.Length);
        foreach (var b in Encoding.UTF8.GetBytes(message))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%')
                text.Append((char)b);
            else
                text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }
        return text.ToString();
    }
}
