using System.Net;
using System.Security.Cryptography;
using System.Text;
using Harden.Gateway.Configuration;

namespace Harden.Gateway;

/// <summary>Harden's answers for people: one page, readable without scripts, in light and dark, with nothing loaded from anywhere else.</summary>
internal static class AnswerPage
{
    /// <summary>How Harden's own pages in front of the app look.</summary>
    public const string Style = """
        :root{color-scheme:light dark;--ink:#1b2421;--soft:#55615c;--page:#f5f7f6;--card:#fff;--line:#d8dfdc;--brand:#1f6f5c;--link:#0b5c8a}
        @media(prefers-color-scheme:dark){:root{--ink:#e6ece9;--soft:#9fada7;--page:#121715;--card:#1a211e;--line:#34403b;--brand:#7fd1b9;--link:#8cc8f0}}
        *{box-sizing:border-box}body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;padding:1.25rem;background:var(--page);color:var(--ink);font:1.05rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
        main{width:100%;max-width:36rem;background:var(--card);border:1px solid var(--line);border-top:.3rem solid var(--brand);border-radius:.6rem;padding:1.75rem 2rem}
        .app{margin:0;color:var(--soft);overflow-wrap:anywhere}h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 .75rem}p{margin:0 0 1rem;overflow-wrap:anywhere}a{color:var(--link)}.act{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem}
        :focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
        dl{display:flex;flex-wrap:wrap;gap:0 .75rem;margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}dd{margin:0}
        code{font-family:ui-monospace,"Cascadia Mono",Menlo,"Liberation Mono",monospace;overflow-wrap:anywhere;user-select:all;color:var(--ink)}
        @media(max-width:30rem){main{padding:1.25rem}}
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    public static Task WriteAsync(HttpContext context, int status, string title, string detail)
    {
        var scope = RequestScope.Of(context);
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers["Referrer-Policy"] = "no-referrer";
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        var app = context.RequestServices.GetService<Live<PrototypeOptions>>()?.Current.Name ?? "Harden";
        return response.WriteAsync($"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>{Text(title)} · {Text(app)}</title><style>{Style}</style></head>
            <body><main><p class="app">{Text(app)}</p><h1>{Text(title)}</h1><p>{Text(detail)}</p>{WayOn(context.Request, status, scope)}
            <dl><dt>Reference</dt><dd><code>{scope.TraceId}</code></dd></dl></main></body></html>
            """);
    }

    // An empty href is the address the browser shows, so that nothing of the request is repeated in the page.
    private static string WayOn(HttpRequest request, int status, RequestScope scope) => status switch
    {
        StatusCodes.Status403Forbidden when scope.Subject is { Scheme: "session" } subject =>
            $"""<p>You are signed in as {Text(subject.Name.Length > 0 ? subject.Name : subject.Email)}.</p><p class="act"><a href="{ReservedPrefix.Path}/signout">Sign out to use another account</a><a href="/">Start page</a></p>""",
        // A sign-in that failed, or signing out: the next thing a person wants is to sign in as who they meant to be.
        400 or 403 when scope.Path.StartsWith(ReservedPrefix.Path + "/signin", StringComparison.OrdinalIgnoreCase) =>
            $"""<p class="act"><a href="{ReservedPrefix.Path}/signin?prompt=select_account">Sign in with another account</a></p>""",
        200 when scope.Path.StartsWith(ReservedPrefix.Path + "/signout", StringComparison.OrdinalIgnoreCase) => """<p class="act"><a href="/">Sign in again</a></p>""",
        429 or 502 or 503 or 504 when HttpMethods.IsGet(request.Method) => """<p class="act"><a href="">Try again</a></p>""",
        404 => """<p class="act"><a href="/">Start page</a></p>""",
        _ => "",
    };

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
