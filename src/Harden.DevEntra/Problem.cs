using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Harden.DevEntra;

/// <summary>Errors in the shape of Entra's.</summary>
internal static partial class Problem
{
    /// <summary>Writes an error as the token endpoint does.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="error">OAuth error code.</param>
    /// <param name="description">Begins with <c>AADSTSnnnnn: </c>.</param>
    public static Task WriteAsync(HttpContext context, int status, string error, string description)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["error"] = error,
            ["error_description"] = Describe(context, description),
            ["error_codes"] = new JsonArray(int.Parse(Code().Match(description).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)),
            ["timestamp"] = Now(context),
            ["trace_id"] = Guid.NewGuid().ToString(),
            ["correlation_id"] = Guid.NewGuid().ToString(),
        });
    }

    /// <summary>A description with the ids that Entra appends.</summary>
    public static string Describe(HttpContext context, string description) =>
        $"{description} Trace ID: {Guid.NewGuid()} Correlation ID: {Guid.NewGuid()} Timestamp: {Now(context)}";

    private static string Now(HttpContext context) =>
        context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().ToString("u", System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("^AADSTS([0-9]+)")]
    private static partial Regex Code();
}
