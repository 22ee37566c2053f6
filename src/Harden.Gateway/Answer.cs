using System.Text.Json;

namespace Harden.Gateway;

/// <summary>
/// Harden's own answers: a readable page for a browser's navigation, a status in headers for gRPC, RFC 9457 <c>application/problem+json</c>
/// for every other caller, all with the reference id that finds the record. Never a stack trace, never anything cacheable.
/// </summary>
internal static class Answer
{
    /// <summary>Writes the answer, or aborts the connection if one has already started: half an answer must not look whole.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">A few words; the same for every occurrence.</param>
    /// <param name="detail">What was found and what to do about it.</param>
    /// <param name="signIn">Address that a person signs in at, if that helps.</param>
    public static Task WriteAsync(HttpContext context, int status, string title, string detail, string? signIn = null)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (Caller.ReadsGrpcStatus(context.Request))
            return AnswerGrpc.WriteAsync(context, status, title, detail);
        response.StatusCode = status;
        return Caller.IsNavigation(context.Request)
            ? AnswerPage.WriteAsync(context, status, title, detail, signIn)
            : WriteProblemAsync(context, status, title, detail, signIn);
    }

    private static Task WriteProblemAsync(HttpContext context, int status, string title, string detail, string? signIn)
    {
        var response = context.Response;
        response.ContentType = "application/problem+json";
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, title);
            json.WriteNumber("status"u8, status);
            json.WriteString("detail"u8, detail);
            if (signIn is not null)
                json.WriteString("signIn"u8, signIn);
            json.WriteString("traceId"u8, RequestScope.Of(context).TraceId);
            json.WriteEndObject();
        }
        return response.BodyWriter.FlushAsync().AsTask();
    }
}
