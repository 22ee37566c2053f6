using System.Net;
using Harden.Gateway.Branding;

namespace Harden.Gateway;

/// <summary>Harden's answers for people: one page, readable without scripts, in light and dark, with nothing loaded from anywhere else.</summary>
internal static class AnswerPage
{
    /// <summary>Writes the page of an answer; status and caching are the caller's.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">A few words.</param>
    /// <param name="detail">What was found and what to do about it.</param>
    /// <param name="signIn">Where to sign in, if that helps; null if not.</param>
    public static Task WriteAsync(HttpContext context, int status, string title, string detail, string? signIn) =>
        WriteAsync(context, title, $"<p>{Text(detail)}</p>{WayOn(context.Request, status, RequestScope.Of(context), signIn)}", "form-action 'none'");

    /// <summary>Writes a page of any content.</summary>
    /// <param name="context">The request.</param>
    /// <param name="title">A few words.</param>
    /// <param name="content">HTML below the heading.</param>
    /// <param name="policy">What else its content security policy says.</param>
    public static Task WriteAsync(HttpContext context, string title, string content, string policy)
    {
        var look = context.RequestServices.GetService<PageLooks>()?.Current ?? PageLook.Plain;
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.TryAdd("Referrer-Policy", "no-referrer");
        // In a frame of the app's own pages a person must be able to read why there is nothing else in it.
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src {look.StyleSource}; img-src {(look.Logo is null ? "'none'" : "'self'")}; base-uri 'none'; frame-ancestors {(Caller.IsFrame(context.Request) ? "'self'" : "'none'")}; {policy}";
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        return response.WriteAsync($"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>{Text(title)} · {Text(look.Name)}</title><style>{look.Style}</style></head>
            <body><main><p class="app">{look.Head}</p><h1>{Text(title)}</h1>{content}
            <dl><dt>Reference</dt><dd><code>{RequestScope.Of(context).TraceId}</code></dd>{look.Support}</dl></main></body></html>
            """);
    }

    /// <summary>Text as HTML.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    // An empty href is the address the browser shows, so that nothing of the request is repeated in the page.
    private static string WayOn(HttpRequest request, int status, RequestScope scope, string? signIn) => status switch
    {
        // In a tab of its own, because this one still holds what was to be sent, or is but a part of a page.
        StatusCodes.Status401Unauthorized when signIn is not null => $"""<p class="act"><a class="go" href="{Text(signIn)}" target="_blank" rel="noopener">Sign in in a new tab</a></p>""",
        StatusCodes.Status403Forbidden when signIn is not null => $"""{SignedInAs(scope)}<p class="act"><a class="go" href="{Text(signIn)}">Try again</a><a href="/">Start page</a></p>""",
        StatusCodes.Status403Forbidden when scope.Subject is { Scheme: "session" } && !Below(scope, "/signin") =>
            $"""{SignedInAs(scope)}<p class="act"><a class="go" href="/">Start page</a><a href="{ReservedPrefix.Path}/signout">Use another account</a></p>""",
        // A sign-in that failed, or signing out: the next thing a person wants is to sign in as who they meant to be.
        400 or 403 when Below(scope, "/signin") =>
            $"""<p class="act"><a class="go" href="{ReservedPrefix.Path}/signin?prompt=select_account">Sign in with another account</a></p>""",
        200 when Below(scope, "/signout") => """<p class="act"><a class="go" href="/">Sign in again</a></p>""",
        429 or 502 or 503 or 504 when HttpMethods.IsGet(request.Method) => """<p class="act"><a class="go" href="">Try again</a></p>""",
        404 => """<p class="act"><a class="go" href="/">Start page</a></p>""",
        _ => "",
    };

    private static string SignedInAs(RequestScope scope) =>
        scope.Subject is { Scheme: "session" } subject ? $"<p>You are signed in as {Text(subject.Name.Length > 0 ? subject.Name : subject.Email)}.</p>" : "";

    private static bool Below(RequestScope scope, string path) => scope.Path.StartsWith(ReservedPrefix.Path + path, StringComparison.OrdinalIgnoreCase);
}
