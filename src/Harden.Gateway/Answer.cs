using System.Net;
using System.Text.Json;

namespace Harden.Gateway;

/// <summary>
/// Harden's own answers: a plain readable page for a browser's navigation, RFC 9457 <c>application/problem+json</c> for every other
/// caller, both with the reference id that finds the record. Never a stack trace, never anything cacheable.
/// </summary>
internal static class Answer
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Writes the answer, or aborts the connection if one has already started: half an answer must not look whole.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">A few words; the same for every occurrence.</param>
    /// <param name="detail">What was found and what to do about it.</param>
    public static Task WriteAsync(HttpContext context, int status, string title, string detail)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        var scope = RequestScope.Of(context);
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return Caller.IsNavigation(context.Request)
            ? WritePageAsync(response, status, title, detail, scope)
            : WriteProblemAsync(response, status, title, detail, scope);
    }

    private static Task WriteProblemAsync(HttpResponse response, int status, string title, string detail, RequestScope scope)
    {
        response.ContentType = "application/problem+json";
        using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, title);
            json.WriteNumber("status"u8, status);
            json.WriteString("detail"u8, detail);
            json.WriteString("traceId"u8, scope.TraceId);
            json.WriteEndObject();
        }
        return response.BodyWriter.FlushAsync().AsTask();
    }

    private static Task WritePageAsync(HttpResponse response, int status, string title, string detail, RequestScope scope)
    {
        response.ContentType = "text/html; charset=utf-8";
        return response.WriteAsync($$"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>{{WebUtility.HtmlEncode(title)}}</title>
            <style>:root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui,sans-serif;max-width:36rem;margin:14vh auto;padding:0 1.5rem}
            h1{font-size:1.6rem;line-height:1.25}code{font-size:.9em;overflow-wrap:anywhere}footer{margin-top:3rem;opacity:.75;font-size:.9rem}</style></head>
            <body><main><h1>{{WebUtility.HtmlEncode(title)}}</h1><p>{{WebUtility.HtmlEncode(detail)}}</p></main>
            <footer>Status {{status}} · Reference <code>{{scope.TraceId}}</code></footer></body></html>
            """);
    }
}
