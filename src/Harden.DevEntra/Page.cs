using System.Net;

namespace Harden.DevEntra;

/// <summary>The one page, with whatever belongs on it.</summary>
internal static class Page
{
    public static Task WriteAsync(HttpContext context, int status, string title, string body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        // No form-action: browsers apply it to the redirect that follows, and that leads to the app's origin.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; frame-src http: https:";
        return response.WriteAsync($$"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>{{title}} · DevEntra</title>
            <style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:8vh auto;padding:0 1.25rem}
            h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}p{margin:.5rem 0 1rem;overflow-wrap:anywhere}
            ul{list-style:none;margin:0;padding:0}li{margin:.5rem 0}
            button{font:inherit;color:inherit;text-align:left;width:100%;padding:.7rem .9rem;border:1px solid #8886;border-radius:.5rem;background:#8881;cursor:pointer}
            button:hover{background:#8883}button:focus-visible{outline:3px solid #2680eb;outline-offset:2px}
            strong,small{display:block}small{opacity:.8}.dev{border-left:4px solid #d83b01;padding-left:.75rem;font-size:.9rem}</style></head>
            <body><main><h1>{{title}}</h1>{{body}}
            <p class="dev">DevEntra stands in for Microsoft Entra ID on this machine. No password is asked for: never use it for anything but development.</p></main></body></html>
            """);
    }

    /// <summary>A paragraph.</summary>
    public static string Text(string text) => $"<p>{WebUtility.HtmlEncode(text)}</p>";

    /// <summary>What the picker sends for nobody.</summary>
    public const string Cancelled = "-";

    /// <summary>The persona picker: a plain form with a button for each, so that keyboard and screen reader work by themselves.</summary>
    /// <param name="tenant">Where they sign in.</param>
    /// <param name="why">Why they are asked although they are signed in; empty if there is nothing to say.</param>
    /// <param name="fields">More of the form.</param>
    public static string Picker(string tenant, string why, string fields = "") =>
        $"""
        {(why.Length > 0 ? $"<p role=\"status\"><strong>{WebUtility.HtmlEncode(why)}</strong></p>" : "")}<p>Tenant <code>{WebUtility.HtmlEncode(tenant)}</code></p><form method="post">{fields}<ul>
        {string.Concat(Persona.People.Select(static p => $"""<li><button name="persona" value="{p.Id}"><strong>{p.Name}</strong><small>{p.Email}</small><small>{p.About}</small></button></li>"""))}
        <li><button name="persona" value="{Cancelled}">Cancel</button></li></ul></form>
        """;
}
