using System.Net;

namespace Harden.Gateway.Identity;

/// <summary>Asks before signing out: a link to sign-out works for apps that know nothing of it, a GET that signs out would not be safe.</summary>
internal static class SignOutPage
{
    /// <param name="context">The request.</param>
    /// <param name="subject">Who is signed in.</param>
    /// <param name="entra">Where the form leads on to; browsers apply <c>form-action</c> to redirects too.</param>
    public static Task WriteAsync(HttpContext context, Subject subject, Uri entra)
    {
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
            + (entra.IsAbsoluteUri ? " " + entra.GetLeftPart(UriPartial.Authority) : "");
        return response.WriteAsync($$"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Sign out</title>
            <style>{{AnswerPage.Style}}
            form{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1.5rem}button{font:inherit;padding:.5rem 1.25rem;border:1px solid currentColor;border-radius:.4rem;background:none;color:inherit;cursor:pointer}</style></head>
            <body><main><h1>Sign out?</h1><p>You are signed in as {{WebUtility.HtmlEncode(subject.Name)}}{{(subject.Email.Length > 0 ? $" ({WebUtility.HtmlEncode(subject.Email)})" : "")}}.</p>
            <form method="post"><button>Sign out</button> <button formaction="?everywhere=true">Sign out everywhere</button> <a href="/">Stay signed in</a></form></main></body></html>
            """);
    }
}
