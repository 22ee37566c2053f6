using System.Globalization;

namespace Harden.Gateway.Console.Pages;

/// <summary>What all pages have in common.</summary>
internal static class Layout
{
    // A data address, because a browser asks for /favicon.ico otherwise and each such request would be on record.
    private const string Icon = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%231f6f5c' d='M8 0l7 2.5v5C15 12 12 15 8 16 4 15 1 12 1 7.500v-5z'/%3E%3Cpath fill='none' stroke='%23fff' stroke-width='2' d='M4.500 8l2.500 2.500 4.500-5'/%3E%3C/svg%3E";

    /// <summary>A whole page.</summary>
    public static Html Page(string title, string app, RequestScope scope, Html body) => $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <title>{title} · {app} · Harden</title><link rel="icon" href="{Icon}"><style>{Style.Markup}</style></head>
        <body><a class="skip" href="#main">Skip to content</a>
        <header class="top"><div class="wide">
        <a class="brand" href="/"><b>Harden</b> <span>{app}</span></a>
        <nav aria-label="Console"><ul>{Link("/", "Overview", scope)}{Link("/record", "Record", scope)}{Link("/events", "Log events", scope)}{Link("/limits", "Limits", scope)}{Link("/health", "Health", scope)}<li><a href="/metrics">Metrics</a></li></ul></nav>
        <form class="who" method="post" action="/.harden/signout"><span title="Signed in as">{Who(scope.Subject)}</span> <button>Sign out</button></form>
        </div></header>
        <main id="main" class="wide" tabindex="-1">{body}</main>
        <footer class="wide">Times are UTC. What you look at here is itself on record, as trace <code>{scope.TraceId}</code>.</footer>
        </body></html>
        """;

    /// <summary>A page that only says something.</summary>
    public static Html Message(string title, string text) => $"""<h1>{title}</h1><p class="lead">{text}</p><p><a href="/record">Go to the record</a></p>""";

    /// <summary>A time in UTC, to the second in words and exact in the markup.</summary>
    public static Html Time(DateTimeOffset time) =>
        $"""<time datetime="{time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}">{time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}</time>""";

    /// <summary>A word in a coloured frame; the word says it all, the colour only helps.</summary>
    public static Html Badge(string word, string tone) => $"""<span class="badge {tone}">{word}</span>""";

    private static Html Link(string to, string word, RequestScope scope)
    {
        var path = scope.Path.StartsWith("/body/", StringComparison.Ordinal) ? "/record" : scope.Path; // a body belongs to its entry
        var here = to == "/" ? path == "/" : path.StartsWith(to, StringComparison.Ordinal);
        return here ? $"""<li><a href="{to}" aria-current="page">{word}</a></li>""" : (Html)$"""<li><a href="{to}">{word}</a></li>""";
    }

    private static string Who(Subject? subject) =>
        subject is null ? "" : subject.Name.Length > 0 ? subject.Name : subject.Email.Length > 0 ? subject.Email : subject.ObjectId;
}
