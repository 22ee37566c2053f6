using Harden.Audit;

namespace Harden.Gateway.Console.Pages;

/// <summary>The record as a list, with its filter.</summary>
internal static class RecordPage
{
    private static readonly (string Value, string Word)[] Statuses =
        [("2", "2xx success"), ("3", "3xx redirect"), ("4", "4xx refused or wrong"), ("5", "5xx failed"), ("1", "1xx upgraded")];

    /// <summary>The list; null if the query can't be read.</summary>
    public static Html Render(RecordQuery query, RecordList? list, string remark) => $"""
        <h1>Record</h1>
        {Form(query)}
        {Note(remark)}
        {(list is null ? Html.None : Result(query, list))}
        """;

    /// <summary>What a reader should know of the answers.</summary>
    public static Html Note(string remark) => remark.Length > 0 ? $"""<p class="note" role="status">{remark}</p>""" : Html.None;

    /// <summary>Several requests of one trace.</summary>
    public static Html RenderTrace(string id, IReadOnlyList<AuditView> found) => $"""
        <h1>Trace</h1><p class="lead">{found.Count} requests belong to trace <code>{id}</code>.</p>{Table(found, "")}
        """;

    /// <summary>Requests in a table.</summary>
    public static Html Table(IReadOnlyList<AuditView> found, string empty) => found.Count == 0 ? (Html)$"""<p class="empty">{empty}</p>""" : $"""
        <table role="table" class="record"><caption class="hidden">Requests, newest first</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Time</th><th role="columnheader" scope="col">Request</th><th role="columnheader" scope="col">Who</th><th role="columnheader" scope="col">Answer</th><th role="columnheader" scope="col">Decision</th></tr></thead>
        <tbody role="rowgroup">{found.Select(Row)}</tbody></table>
        """;

    private static Html Row(AuditView view)
    {
        var entry = view.Entry;
        return $"""
            <tr role="row"><td role="cell" class="when">{Layout.Time(view.Time)}</td>
            <td role="cell" class="what"><a href="/record/{Uri.EscapeDataString(entry.RequestId)}"><span class="method">{entry.Http?.Method}</span> <bdi>{Words.Short(entry.Http?.Path ?? "", 120)}</bdi></a></td>
            <td role="cell" class="person"><bdi>{Words.ActorName(entry.Actor)}</bdi></td>
            <td role="cell">{Words.Answer(view)}</td>
            <td role="cell">{Words.Decision(entry.Decision?.Action)} <span class="soft">{Words.Grounds(entry.Decision)}</span></td></tr>
            """;
    }

    private static Html Result(RecordQuery query, RecordList list) => $"""
        {Table(list.Found, Empty(query, list))}
        {(list.Page.GaveUpAt is { } back ? (Html)$"""<p class="note" role="status">The search was given up because it took too long, at {Layout.Time(back)}. Older requests may match: set an earlier end, or search the files with <code>harden audit search</code>.</p>""" : Html.None)}
        {Pager(query, list)}
        """;

    private static string Empty(RecordQuery query, RecordList list) => query switch
    {
        _ when list.Page.GaveUpAt is not null => "Nothing found so far.",
        { Before.Length: > 0 } => "There is nothing older.",
        { IsOpen: true } when list.NothingYet => "Nothing is on record yet. Open the app in a browser, and its requests appear here.",
        { IsOpen: true } => "Only requests for the console and for health are on record so far. Tick the box above to see them.",
        _ => "No request matches. Take away a condition.",
    };

    private static Html Pager(RecordQuery query, RecordList list)
    {
        Html newest = query.Before.Length > 0 ? $"""<a href="{query.Address()}">Newest</a>""" : Html.None;
        Html older = list.Page.Next is { } next ? $"""<a href="{query.Address(next)}" rel="next">Older</a>""" : Html.None;
        return query.Before.Length > 0 || list.Page.Next is not null ? $"""<nav class="pager" aria-label="Pages">{newest}{older}</nav>""" : Html.None;
    }

    private static Html Form(RecordQuery query) => $"""
        <form class="filter" method="get" action="/record" role="search" aria-label="Filter the record">
        <div class="grow"><label for="q">Path, person, or request id</label><input id="q" name="q" type="search" value="{query.Text}" maxlength="200"></div>
        <div><label for="status">Answer</label><select id="status" name="status"{Problem(query, "status")}>{Options("Any", query.Status, Statuses)}</select>{Mend(query, "status")}</div>
        <div><label for="decision">Decision</label><select id="decision" name="decision"{Problem(query, "decision")}>{Options("Any", query.Decision, RecordQuery.Decisions)}</select>{Mend(query, "decision")}</div>
        <div><label for="from">From (UTC)</label>{When(query, "from", query.From)}</div>
        <div><label for="to">Before (UTC)</label>{When(query, "to", query.To)}</div>
        <div class="tick"><input id="own" name="own" type="checkbox" value="1"{(query.Own ? (Html)$" checked" : Html.None)}><label for="own">Include console and health</label></div>
        <div class="act"><button class="main">Filter</button> <a href="/record">Clear</a></div>
        </form>
        """;

    private static Html When(RecordQuery query, string name, string value) =>
        $"""<input id="{name}" name="{name}" type="datetime-local" step="1" value="{value}"{Problem(query, name)}>{Mend(query, name)}""";

    private static Html Problem(RecordQuery query, string field) =>
        query.Problems.ContainsKey(field) ? $""" aria-invalid="true" aria-describedby="{field}-mend" """ : Html.None;

    private static Html Mend(RecordQuery query, string field) =>
        query.Problems.TryGetValue(field, out var mend) ? $"""<p class="mend" id="{field}-mend" role="alert">{mend}</p>""" : Html.None;

    private static Html Options(string any, string chosen, (string Value, string Word)[] options) =>
        $"""<option value="">{any}</option>{options.Select(option => (Html)$"""<option value="{option.Value}"{(option.Value == chosen ? (Html)$" selected" : Html.None)}>{option.Word}</option>""")}""";
}
