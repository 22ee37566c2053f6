namespace Harden.Gateway.Branding;

/// <summary>The style sheet of Harden's pages in front of the app: light and dark, down to the width of a phone, nothing loaded.</summary>
internal static class PageStyle
{
    private const string DarkCard = "#1a211e";

    /// <summary>The style sheet with an accent colour.</summary>
    public static string Of(Color accent)
    {
        var dark = accent.Toward(Color.White, Color.Parse(DarkCard)!.Value);
        return $$"""
            :root{color-scheme:light dark;--ink:#1b2421;--soft:#55615c;--page:#f5f7f6;--card:#fff;--line:#d8dfdc;--accent:{{accent}};--on:#fff }
            @media(prefers-color-scheme:dark){:root{--ink:#e6ece9;--soft:#a3b1ab;--page:#121715;--card:{{DarkCard}};--line:#34403b;--accent:{{dark}};--on:{{DarkCard}} } }
            *{box-sizing:border-box}body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;padding:1.25rem;background:var(--page);color:var(--ink);font:1.05rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
            main{width:100%;max-width:36rem;background:var(--card);border:1px solid var(--line);border-top:.3rem solid var(--accent);border-radius:.6rem;padding:1.75rem 2rem}
            .app{margin:0;color:var(--soft);overflow-wrap:anywhere;display:flex;align-items:center;gap:.6rem}.app img{max-height:2.25rem;max-width:9rem}
            h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 .75rem;overflow-wrap:anywhere;text-wrap:balance}p,ol{margin:0 0 1rem;overflow-wrap:anywhere}ol{padding-left:1.4rem}
            a{color:var(--accent)}.act{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1.5rem;margin-top:1.5rem}
            .act a,.act button{font:inherit;display:inline-block;padding:.5rem 0}.act .go,.act button{padding:.5rem 1.25rem;border:0;border-radius:.4rem;background:var(--accent);color:var(--on);text-decoration:none;cursor:pointer}.act .go:hover,.act button:hover{text-decoration:underline}.act .quiet{background:none;color:var(--accent);box-shadow:inset 0 0 0 1px}
            :focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:.4rem}
            dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .75rem;margin:1.75rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}dd{margin:0;overflow-wrap:anywhere}
            code{font-family:ui-monospace,"Cascadia Mono",Menlo,"Liberation Mono",monospace;overflow-wrap:anywhere;user-select:all;color:var(--ink)}
            @media(max-width:30rem){main{padding:1.25rem}.act .go,.act button{width:100%;text-align:center}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem} }
            @media(forced-colors:active){.act .go,.act button{border:1px solid} }
            """;
    }
}
