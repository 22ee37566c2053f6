using System.Globalization;
using Harden.Audit;

namespace Harden.Gateway.Console.Pages;

/// <summary>What a reviewer asks of the record, as it stands in the address: an address can be sent to a colleague.</summary>
internal sealed record RecordQuery
{
    /// <summary>Decisions one can ask for, and their words.</summary>
    public static readonly (string Value, string Word)[] Decisions =
    [
        ("forward", "Forwarded"), ("answer", "Answered by Harden"), ("signIn", "Sent to sign-in"), ("deny", "Denied"),
        ("limit", "Limited"), ("refuse", "Refused"), ("fail", "Failed"),
    ];

    public string Text { get; private init; } = "";

    public string Status { get; private init; } = "";

    public string Decision { get; private init; } = "";

    public string From { get; private init; } = "";

    public string To { get; private init; } = "";

    /// <summary>Show requests for the console and for health too.</summary>
    public bool Own { get; private init; }

    /// <summary>Cursor of the request after which, going back in time, the page begins.</summary>
    public string Before { get; private init; } = "";

    /// <summary>Fields that can't be read, by name, with the mend.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; private init; } = new Dictionary<string, string>();

    /// <summary>What it means; only if there are no problems.</summary>
    public AuditQuery Filter { get; private init; } = new();

    /// <summary>True if nothing narrows the list.</summary>
    public bool IsOpen => Text.Length + Status.Length + Decision.Length + From.Length + To.Length == 0;

    /// <summary>Reads a query string.</summary>
    public static RecordQuery Read(IQueryCollection query)
    {
        string Field(string name) => query[name] is [{ } value, ..] ? value.Trim()[..Math.Min(value.Trim().Length, 200)] : "";

        var problems = new Dictionary<string, string>();
        var result = new RecordQuery
        {
            Text = Field("q"), Status = Field("status"), Decision = Field("decision"), From = Field("from"), To = Field("to"),
            Own = Field("own") == "1", Before = Field("before"), Problems = problems,
        };
        if (result.Status is not ("" or "1" or "2" or "3" or "4" or "5"))
            problems["status"] = "Choose one of the listed kinds of answers.";
        if (result.Decision.Length > 0 && !Array.Exists(Decisions, d => d.Value == result.Decision))
            problems["decision"] = "Choose one of the listed decisions.";
        var from = Time("from", result.From, problems);
        var to = Time("to", result.To, problems);
        if (from >= to)
            problems["to"] = "The end must be later than the beginning.";
        return problems.Count > 0 ? result : result with
        {
            Filter = new()
            {
                Text = result.Text, StatusClass = result.Status.Length > 0 ? result.Status[0] - '0' : null, Action = result.Decision, From = from, To = to, HideOwn = !result.Own,
            },
        };
    }

    /// <summary>The address that asks the same, continued after a request.</summary>
    public string Address(string before = "")
    {
        List<string> parts = [];
        void Add(string name, string value)
        {
            if (value.Length > 0)
                parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
        Add("q", Text);
        Add("status", Status);
        Add("decision", Decision);
        Add("from", From);
        Add("to", To);
        Add("own", Own ? "1" : "");
        Add("before", before);
        return parts.Count > 0 ? "/record?" + string.Join('&', parts) : "/record";
    }

    private static DateTimeOffset? Time(string name, string text, Dictionary<string, string> problems)
    {
        if (text.Length == 0)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        problems[name] = "Give a time such as 2026-01-31T14:30 (UTC).";
        return null;
    }
}
