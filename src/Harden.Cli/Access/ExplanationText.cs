using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using Harden.Gateway;
using Harden.Gateway.Access;

namespace Harden.Cli.Access;

/// <summary>An explanation for people, and for programs.</summary>
internal static class ExplanationText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(TextWriter output, AccessRequest request, AccessExplanation explanation)
    {
        output.WriteLine($"{request.Method} {request.Path}{(request.Client.Equals(IPAddress.None) ? "" : $" from {request.Client}")} by {Describe(request.Subject)}");
        var width = explanation.Steps.Select(static step => step.Rule.Length).DefaultIfEmpty(0).Max();
        for (var i = 0; i < explanation.Steps.Count; i++)
        {
            var step = explanation.Steps[i];
            output.WriteLine($"  {i + 1,2}  {step.Rule.PadRight(width)}  {Words(step.Outcome),-22}  {step.Why}");
        }
        var by = explanation.Rule is { } rule ? $"by rule \"{rule.Name}\"" : "by default";
        output.WriteLine(explanation.Allowed ? $"Allowed {by}: {explanation.Why}." : $"Denied ({explanation.Status(request.Subject)}) {by}: {explanation.Why}.");
        foreach (var trial in explanation.Steps.Where(static step => step.Outcome == AccessOutcome.TrialRefuses))
            output.WriteLine($"On record as \"would have been denied\" by \"{trial.Rule}\", which is on trial (ReportOnly).");
    }

    public static void WriteJson(TextWriter output, AccessRequest request, AccessExplanation explanation) => output.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["allowed"] = explanation.Allowed,
        ["status"] = explanation.Status(request.Subject),
        ["rule"] = explanation.Rule?.Name,
        ["reason"] = explanation.Reason,
        ["why"] = explanation.Why,
        ["method"] = request.Method,
        ["path"] = request.Path,
        ["subject"] = request.Subject?.Key,
        ["rules"] = explanation.Steps.Select(static step => new Dictionary<string, string?>
        {
            ["rule"] = step.Rule,
            ["outcome"] = JsonNamingPolicy.KebabCaseLower.ConvertName(step.Outcome.ToString()),
            ["reason"] = step.Reason,
            ["why"] = step.Why,
        }).ToArray(),
    }, Indented));

    private static string Words(AccessOutcome outcome) => outcome switch
    {
        AccessOutcome.PassedOver => "passed over",
        AccessOutcome.TrialAllows => "on trial: would allow",
        AccessOutcome.TrialRefuses => "on trial: would refuse",
        AccessOutcome.Allows => "allows",
        AccessOutcome.Refuses => "refuses",
        _ => "not asked",
    };

    private static string Describe(Subject? subject) => subject switch
    {
        null => "nobody known",
        { Scheme: "apikey" } => $"API key {subject.ObjectId}",
        { Scheme: "bearer" } => $"an API client with scopes {Listed(subject.Scopes)}, roles {Listed(subject.Roles)}",
        _ => $"a signed-in person with roles {Listed(subject.Roles)}{(subject.GroupsOverage ? ", in too many groups to tell" : subject.Groups.Count > 0 ? $", groups {Listed(subject.Groups)}" : "")}",
    };

    private static string Listed(IReadOnlyList<string> list) => list.Count > 0 ? string.Join(", ", list) : "none";
}
