using Harden.Audit;

namespace Harden.Gateway.Console.Pages;

/// <summary>The record's stable words as a reader would say them.</summary>
internal static class Words
{
    /// <summary>A decision in a coloured frame.</summary>
    public static Html Decision(string? action)
    {
        var word = Array.Find(RecordQuery.Decisions, d => d.Value.Equals(action, StringComparison.OrdinalIgnoreCase)).Word;
        return word is null ? Layout.Badge("Undecided", "quiet") : Layout.Badge(word, action switch
        {
            "forward" => "good",
            "answer" or "signIn" => "quiet",
            "fail" => "bad",
            _ => "warn",
        });
    }

    /// <summary>Why it was decided so, in one line: reason, rule, limit.</summary>
    public static string Grounds(AuditDecision? decision)
    {
        if (decision is null)
            return "";
        List<string> parts = [];
        if (decision.Rule is { Length: > 0 } rule)
            parts.Add($"rule {rule}");
        if (decision.Limit is { Length: > 0 } limit)
            parts.Add($"limit {limit}");
        if (parts.Count == 0 || decision.Reason is not "rule")
            parts.Insert(0, decision.Reason);
        if (decision.WouldDeny is { Length: > 0 } would)
            parts.Add($"would have been denied: {would}");
        if (decision.WouldLimit is { Length: > 0 } limited)
            parts.Add($"would have been limited: {limited}");
        if (decision.More > 0)
            parts.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"and {decision.More:N0} more like it{(decision.SeveralClients ? " of several clients" : "")} since {decision.Since?.UtcDateTime:HH:mm:ss}"));
        return string.Join(", ", parts.Where(static part => part.Length > 0));
    }

    /// <summary>Status in a coloured frame, or how far the request got.</summary>
    public static Html Answer(AuditView view)
    {
        var status = view.Entry.Http?.Status ?? 0;
        Html state = view.State switch
        {
            AuditState.Open => Layout.Badge("running", "info"),
            AuditState.Interrupted => Layout.Badge("interrupted", "bad"),
            _ => Html.None,
        };
        if (status == 0)
            return view.State == AuditState.Complete ? Layout.Badge("no answer", "warn") : state;
        var tone = status switch { >= 500 => "bad", >= 400 => "warn", >= 300 => "quiet", _ => "good" };
        return $"{Layout.Badge(status.ToString(System.Globalization.CultureInfo.InvariantCulture), tone)} {state}";
    }

    /// <summary>Who asked, by the best name there is.</summary>
    public static string Actor(AuditActor? actor) => actor switch
    {
        null or { Subject.Length: 0, Display.Length: 0 } => "not signed in",
        { Display.Length: > 0 } => actor.Display,
        _ => actor.Subject,
    };

    /// <summary>The same without the mail address, for a list.</summary>
    public static string ActorName(AuditActor? actor)
    {
        var name = Actor(actor);
        var mail = name.IndexOf(" <", StringComparison.Ordinal);
        return Short(mail > 0 ? name[..mail] : name, 60);
    }

    /// <summary>At most so many characters, with a mark where something was left out.</summary>
    public static string Short(string text, int most) => text.Length <= most ? text : text[..most] + "…";
}
