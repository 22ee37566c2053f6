using Microsoft.Extensions.Primitives;

namespace Harden.Gateway.Identity.ApiKeys;

/// <summary>
/// Callers with an API key. A key that comes along is taken out of the request whatever becomes of it, so that it gets no further than
/// here. Nothing sends it by itself, as browsers do cookies, so where a request comes from is not asked.
/// </summary>
internal sealed class ApiKeyCallers(ApiKeyRing ring)
{
    private const string Bearer = "Bearer ";

    /// <summary>Takes the key out of the request; null if none came along, "" if it can't be told which is meant.</summary>
    public string? Take(IHeaderDictionary headers)
    {
        var found = Key(headers.Authorization);
        if (found is not null)
            headers.Authorization = default;
        var name = ring.Header;
        if (Key(headers[name]) is not { } named)
            return found;
        headers.Remove(name);
        return found is null || found == named ? named : "";
    }

    /// <summary>Lets the key's holder through to where rules decide, or says why not.</summary>
    public Task ServeAsync(HttpContext context, string secret, RequestDelegate next)
    {
        var scope = RequestScope.Of(context);
        var (key, problem) = ring.Find(secret);
        scope.Subject = key?.Subject; // of one that was revoked or expired too: the record says who still tries
        return problem is null ? ServeAsync(context, scope, key!, next) : RefuseAsync(context, scope, problem);
    }

    // A stream or WebSocket outlives the check at its start, so the end of the key has to end it too.
    private static async Task ServeAsync(HttpContext context, RequestScope scope, ApiKey key, RequestDelegate next)
    {
        await using var ending = key.Ended.UnsafeRegister(static state =>
        {
            var (context, scope) = ((HttpContext, RequestScope))state!;
            scope.Decision = scope.Decision with { Action = DecisionAction.Deny, Reason = "key-ended" };
            context.Abort();
        }, (context, scope));
        await next(context);
    }

    private static Task RefuseAsync(HttpContext context, RequestScope scope, string problem)
    {
        scope.Decision = new(DecisionAction.SignIn, problem);
        context.Response.Headers.WWWAuthenticate = $"Bearer error=\"invalid_token\", error_description=\"{problem}\""; // RFC 6750 section 3
        return Answer.WriteAsync(context, StatusCodes.Status401Unauthorized, "API key refused", problem switch
        {
            "key-expired" => "The API key has expired. Ask whoever runs the app for a new one.",
            "key-revoked" => "The API key was revoked. Ask whoever runs the app for a new one.",
            "key-malformed" => "What was sent as an API key can't be one: it is incomplete or mistyped, or two different ones came along. Send it whole, once, as Authorization: Bearer.",
            _ => "The API key is not known here. It may be of another app, or was taken out.",
        });
    }

    private static string? Key(StringValues values)
    {
        string? found = null;
        foreach (var value in values)
        {
            var text = value.AsSpan();
            if (text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
                text = text[Bearer.Length..].Trim();
            if (text.StartsWith(ApiKeySecret.Prefix, StringComparison.Ordinal))
                found = found is null && values.Count == 1 ? text.ToString() : "";
            else if (ApiKeySecret.StandsIn(text))
                found = ""; // in a list, or behind another scheme: nobody's key as it stands, and still not the app's to see
        }
        return found;
    }
}
