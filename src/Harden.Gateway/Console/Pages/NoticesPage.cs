using System.Globalization;
using Harden.Audit;

namespace Harden.Gateway.Console.Pages;

/// <summary>What the log says of itself: when it was opened and closed, what was torn, lost, deleted or held.</summary>
internal static class NoticesPage
{
    public static Html Render(AuditNotices list, string before, string remark) => $"""
        <h1>Log events</h1>
        <p class="lead">What the audit log says of itself. These entries are part of the same signed record as the requests.</p>
        {RecordPage.Note(remark)}
        {Table(list.Found)}
        {Pager(list, before)}
        """;

    private static Html Table(IReadOnlyList<AuditEntry> found) => found.Count == 0 ? (Html)$"""<p class="empty">There is nothing older.</p>""" : $"""
        <table role="table"><caption class="hidden">Entries of the log itself, newest first</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Time</th><th role="columnheader" scope="col">What</th><th role="columnheader" scope="col">In words</th><th role="columnheader" scope="col">Entry</th></tr></thead>
        <tbody role="rowgroup">{found.Select(Row)}</tbody></table>
        """;

    private static Html Row(AuditEntry entry) => $"""
        <tr role="row"><td role="cell" class="when">{Layout.Time(entry.Time)}</td>
        <td role="cell">{Layout.Badge(entry.Notice!.Reason, Tone(entry))}</td>
        <td role="cell">{entry.Notice.Detail}{Count(entry.Notice)}</td>
        <td role="cell" class="soft">number {entry.Seq} of boot <bdi>{entry.BootId}</bdi></td></tr>
        """;

    private static string Count(AuditNotice notice) =>
        notice.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({notice.Count:N0})") : "";

    private static string Tone(AuditEntry entry) => entry switch
    {
        { Stage: EntryStage.Gap } => "bad",
        { Notice.Reason: "started" or "stopped" or "rotated" } => "quiet",
        _ => "warn",
    };

    private static Html Pager(AuditNotices list, string before)
    {
        Html newest = before.Length > 0 ? $"""<a href="/events">Newest</a>""" : Html.None;
        Html older = list.Next is { } next ? $"""<a href="/events?before={Uri.EscapeDataString(next)}" rel="next">Older</a>""" : Html.None;
        return before.Length > 0 || list.Next is not null ? $"""<nav class="pager" aria-label="Pages">{newest}{older}</nav>""" : Html.None;
    }
}
