using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Gateway.Console.Pages;

/// <summary>The first page: the app's card, how it is, where it listens, what happened last.</summary>
internal static class OverviewPage
{
    public static Html Render(PrototypeOptions app, GovernanceOptions governance, DateOnly today, HealthReport health, Listeners listeners, RecordList latest) => $"""
        <h1>{app.Name} {Status(governance.Status)}</h1>
        <div class="cards">
        {Card(app, governance, today)}
        <section aria-labelledby="health"><h2 id="health">Health {HealthPage.Badge(health.Status)}</h2>{HealthPage.List(health)}<p><a href="/health">Details</a></p></section>
        <section aria-labelledby="listens"><h2 id="listens">Where it listens</h2><dl>
        <dt>App</dt><dd>{listeners.App.Select(Address)}</dd>
        <dt>Console</dt><dd>{listeners.Console.Select(Address)}</dd>
        <dt>Prototype</dt><dd>{Upstream(app)}</dd></dl></section>
        </div>
        <section aria-labelledby="latest"><h2 id="latest">Latest requests</h2>
        {RecordPage.Table(latest.Found, "Nothing is on record yet. Open the app in a browser, and its requests appear here.")}
        <p><a href="/record">Search the record</a></p></section>
        """;

    private static Html Card(PrototypeOptions app, GovernanceOptions governance, DateOnly today) => $"""
        <section aria-labelledby="card"><h2 id="card">The app</h2><dl>
        <dt>Name</dt><dd>{app.Name}</dd>
        <dt>Owner</dt><dd>{Or(governance.Owner, "Nobody is named. Set Governance:Owner in harden.json.")}</dd>
        <dt>Status</dt><dd>{Words(governance.Status)}</dd>
        <dt>Review</dt><dd>{Review(governance, today)}</dd>
        <dt>Data</dt><dd>{Data(governance.DataClasses)}</dd></dl></section>
        """;

    /// <summary>When the app was last reviewed and whether that is too long ago.</summary>
    internal static Html Review(GovernanceOptions governance, DateOnly today)
    {
        var cadence = governance.ReviewCadenceDays;
        if (governance.LastReview is not { } last)
            return $"""{Layout.Badge("Never reviewed", "warn")} <span class="soft">due every {cadence} days; set Governance:LastReview after a review</span>""";
        if (last > today)
            return $"""{Layout.Badge("Date in the future", "warn")} <span class="soft">Governance:LastReview says {Date(last)}; correct it</span>""";
        var due = last.AddDays(cadence);
        return due < today
            ? $"""{Layout.Badge($"Overdue by {today.DayNumber - due.DayNumber} days", "bad")} <span class="soft">last {Date(last)}, due every {cadence} days</span>"""
            : (Html)$"""Last {Date(last)} <span class="soft">next by {Date(due)}</span>""";
    }

    private static Html Status(GovernanceStatus status) =>
        Layout.Badge(Words(status), status switch { GovernanceStatus.InProduction => "good", GovernanceStatus.Graduated => "quiet", _ => "info" });

    private static string Words(GovernanceStatus status) => status == GovernanceStatus.InProduction ? "In production" : status.ToString();

    private static Html Data(string[] classes) =>
        classes.Length == 0 ? Soft("None named. List them in Governance:DataClasses.") : $"""{classes.Select(static c => Layout.Badge(c, "quiet"))}""";

    private static Html Upstream(PrototypeOptions app) =>
        app.Address is { } address ? $"<code>{address.GetLeftPart(UriPartial.Authority)}</code>" : Soft("No address: set Prototype:Address.");

    private static Html Address(string address) => $"<div><code>{address}</code></div>";

    private static Html Or(string text, string otherwise) => text.Length > 0 ? $"{text}" : Soft(otherwise);

    private static Html Soft(string text) => $"""<span class="soft">{text}</span>""";

    private static Html Date(DateOnly date) => $"<time>{date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}</time>";
}
