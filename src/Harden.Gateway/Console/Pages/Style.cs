using System.Security.Cryptography;
using System.Text;

namespace Harden.Gateway.Console.Pages;

/// <summary>The console's style sheet, part of each page: no second request, and its hash is all that the content policy allows.</summary>
internal static class Style
{
    private const string Sheet = """
        :root{color-scheme:light dark;--ink:#1b2421;--soft:#55615c;--page:#f5f7f6;--card:#fff;--line:#d8dfdc;--brand:#1f6f5c;--link:#0b5c8a;
        --good:#14603f;--good-bg:#dff3e8;--warn:#7a4b00;--warn-bg:#fdf0d5;--bad:#96221d;--bad-bg:#fbe3e1;--info:#0b4f7c;--info-bg:#dfeefa;--quiet:#4a5551;--quiet-bg:#e9edeb}
        @media(prefers-color-scheme:dark){:root{--ink:#e6ece9;--soft:#9fada7;--page:#121715;--card:#1a211e;--line:#34403b;--brand:#7fd1b9;--link:#8cc8f0;
        --good:#8fdcb4;--good-bg:#173528;--warn:#f1c97c;--warn-bg:#3b2d10;--bad:#f5aaa5;--bad-bg:#43201e;--info:#9dcff3;--info-bg:#14304a;--quiet:#b5c1bc;--quiet-bg:#29322e}}
        *{box-sizing:border-box}body{margin:0;font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;color:var(--ink);background:var(--page)}
        .wide{max-width:80rem;margin:0 auto;padding:0 1.25rem}a{color:var(--link)}code,pre,.method{font-family:ui-monospace,"Cascadia Mono",Menlo,"Liberation Mono",monospace;font-size:.9em}
        code{overflow-wrap:anywhere}:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}main:focus{outline:none}
        .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem 1rem;z-index:1}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .top{background:var(--card);border-bottom:1px solid var(--line)}.top .wide{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 2rem;padding-block:.6rem}
        .brand{color:var(--ink);text-decoration:none;font-size:1.1rem}.brand b{color:var(--brand)}.brand span{color:var(--soft)}
        nav ul{display:flex;flex-wrap:wrap;gap:.25rem;list-style:none;margin:0;padding:0}nav ul a{display:block;padding:.3rem .7rem;border-radius:.4rem;text-decoration:none;color:var(--ink)}
        nav ul a:hover{background:var(--quiet-bg)}nav ul a[aria-current]{background:var(--quiet-bg);font-weight:600}
        .who{margin-left:auto;display:flex;align-items:center;gap:.75rem;min-width:0}.who span{overflow-wrap:anywhere}
        button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--soft);border-radius:.4rem;padding:.3rem .8rem;cursor:pointer}button:hover{background:var(--quiet-bg)}
        button.main{background:var(--brand);border-color:var(--brand);color:var(--card);font-weight:600}
        main.wide{padding-block:1.75rem 2rem}time{white-space:nowrap}h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:0 0 .6rem}h1 .badge,h2 .badge{vertical-align:middle;font-size:.8rem}
        .lead{font-size:1.05rem;max-width:48rem;margin:0 0 1.25rem}.soft{color:var(--soft)}.back{margin:0 0 .5rem}.target{font-size:1.35rem;font-weight:500}
        section{margin:0 0 1.5rem;min-width:0}summary{overflow-wrap:anywhere}.limit h2{margin:0 0 .25rem}.limit p{margin:0 0 .6rem}.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(21rem,100%),1fr));gap:1rem;margin-bottom:1.75rem;align-items:start}
        .cards.two{grid-template-columns:repeat(auto-fit,minmax(min(27rem,100%),1fr))}.cards>section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.15rem;margin:0;height:100%;min-width:0}
        dl{display:grid;grid-template-columns:minmax(5rem,max-content) 1fr;gap:.35rem 1rem;margin:0}dt{color:var(--soft);max-width:11rem;overflow-wrap:anywhere}dd{margin:0;min-width:0;overflow-wrap:anywhere}dl.paths{grid-template-columns:fit-content(75%) 1fr}.paths dt{max-width:none}
        .plain{list-style:none;margin:0 0 .6rem;padding:0}.plain li{margin:.3rem 0}.cards p{margin:.5rem 0 0}
        .badge{display:inline-block;border-radius:.35rem;padding:.05rem .5rem;font-size:.85rem;font-weight:600;white-space:nowrap;font-family:system-ui,sans-serif;color:var(--quiet);background:var(--quiet-bg)}
        .badge+.badge{margin-left:.35rem}.badge.good{color:var(--good);background:var(--good-bg)}.badge.warn{color:var(--warn);background:var(--warn-bg)}.badge.bad{color:var(--bad);background:var(--bad-bg)}.badge.info{color:var(--info);background:var(--info-bg)}
        table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow:hidden;border-spacing:0;border-collapse:separate}
        th,td{text-align:left;padding:.5rem .75rem;vertical-align:top;border-top:1px solid var(--line);overflow-wrap:anywhere}thead th{border-top:0;color:var(--soft);font-weight:600;font-size:.9rem;background:var(--quiet-bg)}
        tbody th{font-weight:600}.record th:nth-child(1){width:11.5rem}.record th:nth-child(3){width:16%}.record th:nth-child(4){width:7.5rem}.record th:nth-child(5){width:25%}.number{text-align:right;white-space:nowrap}.when{white-space:nowrap;font-variant-numeric:tabular-nums}.what a{text-decoration:none}.what a:hover{text-decoration:underline}.method{font-weight:600}
        tbody tr:hover{background:color-mix(in srgb,var(--quiet-bg) 45%,transparent)}
        .empty,.note{background:var(--card);border:1px dashed var(--line);border-radius:.6rem;padding:1.5rem;color:var(--soft);max-width:none}
        .filter{display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:start;background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.15rem;margin-bottom:1.25rem}
        .filter label{display:block;font-size:.9rem;color:var(--soft);margin-bottom:.15rem}.filter input,.filter select{font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);border-radius:.4rem;padding:.35rem .5rem;height:2.4rem;max-width:100%}
        .filter .grow{flex:1 1 16rem}.filter .grow input{width:100%}.tick{display:flex;align-items:center;gap:.5rem;min-height:2.4rem}.filter .tick label{margin:0;color:var(--ink)}.filter .tick input{width:1.1rem;height:1.1rem;margin:0}
        .act{display:flex;align-items:center;gap:1rem}.act button{min-height:2.4rem}.mend{color:var(--bad);margin:.25rem 0 0;font-size:.9rem;max-width:16rem}[aria-invalid]{border-color:var(--bad)!important;border-width:2px}
        .pager{display:flex;gap:1.5rem;margin-top:1rem}pre{background:var(--page);border:1px solid var(--line);border-radius:.4rem;padding:.75rem;overflow:auto;max-height:32rem}summary{cursor:pointer;padding:.2rem 0}
        footer.wide{color:var(--soft);font-size:.9rem;padding-block:0 2rem;overflow-wrap:anywhere}
        .tick,.act{margin-top:1.5rem}@media(max-width:44rem){.tick,.act{margin-top:0}.who{margin-left:0;width:100%;justify-content:space-between}dl,dl.paths{grid-template-columns:1fr;gap:0}dt{margin-top:.5rem;max-width:none;font-size:.9rem}
        table,tbody,tr,td,tbody th{display:block;width:100%}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}tr{border-top:1px solid var(--line);padding:.6rem .25rem}tbody tr:first-child{border-top:0}
        td,tbody th{border:0;padding:.1rem .75rem}td.number{text-align:left}.record tr{display:flex;flex-wrap:wrap}.record td:nth-child(4){width:auto;padding-right:0}.record td:nth-child(5){flex:1;width:auto;min-width:0;padding-left:.5rem}td[data-label]::before{content:attr(data-label) ": ";color:var(--soft)}.filter>div{flex:1 1 100%;min-width:0}.filter input:not([type=checkbox]),.filter select{width:100%;min-width:0}}
        @media print{.top nav,.who,.filter,.pager,.skip{display:none}body{background:#fff}}
        """;

    /// <summary>The style sheet, as it stands in the page.</summary>
    public static Html Markup { get; } = Of(Sheet);

    /// <summary>Its hash, for the content policy.</summary>
    public static string Hash { get; } = "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Sheet)));

    private static Html Of(string sheet)
    {
        var markup = new Html(sheet.Length, 0);
        markup.AppendLiteral(sheet);
        return markup;
    }
}
