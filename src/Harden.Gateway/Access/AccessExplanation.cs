namespace Harden.Gateway.Access;

/// <summary>Why the rules say what they say of a request, rule by rule. Made of the rules that decide, so that it can't tell another story.</summary>
internal sealed record AccessExplanation(AccessRule? Rule, string? Reason, string Why, IReadOnlyList<AccessStep> Steps)
{
    /// <summary>True if the caller is let through.</summary>
    public bool Allowed => Reason is null;

    /// <summary>What a caller that is no browser gets: 200 stands for what the app answers.</summary>
    public int Status(Subject? subject) => Reason switch
    {
        null => StatusCodes.Status200OK,
        "not-signed-in" or "auth-context" or "max-age" => StatusCodes.Status401Unauthorized,
        "key-needed" when subject is null => StatusCodes.Status401Unauthorized,
        _ => StatusCodes.Status403Forbidden,
    };

    /// <summary>Explains a request.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="request">The request.</param>
    /// <param name="foreignOrigin">Origin of another site's page that acts with the caller's session; null if none does.</param>
    public static AccessExplanation Of(AccessRules rules, in AccessRequest request, string? foreignOrigin)
    {
        var verdict = rules.Decide(request);
        var steps = new List<AccessStep>();
        foreach (var rule in rules.All)
        {
            var decided = steps.Exists(static step => step.Outcome is AccessOutcome.Allows or AccessOutcome.Refuses);
            if (decided)
                steps.Add(new(rule.Name, AccessOutcome.NotAsked, null, "an earlier rule decides"));
            else if (rule.Mismatch(request) is { } mismatch)
                steps.Add(new(rule.Name, AccessOutcome.PassedOver, mismatch, AccessReasons.Mismatch(rule.Options, mismatch)));
            else if (rule.Options.ReportOnly)
                steps.Add(Step(rule, rule.Refusal(request), request.Subject, AccessOutcome.TrialAllows, AccessOutcome.TrialRefuses));
            else
                steps.Add(Step(rule, Whole(rule, rule.Refusal(request), foreignOrigin), request.Subject, AccessOutcome.Allows, AccessOutcome.Refuses));
        }
        var reason = Whole(verdict.Rule, verdict.Reason, foreignOrigin);
        return new(verdict.Rule, reason, verdict.Rule is null ? AccessReasons.Default(rules.Options.Default, reason) : AccessReasons.Of(verdict.Rule.Options, reason, request.Subject), steps);
    }

    private static string? Whole(AccessRule? rule, string? refusal, string? foreignOrigin) =>
        foreignOrigin is not null && rule?.Trusts(foreignOrigin) != true ? "cross-site" : refusal;

    private static AccessStep Step(AccessRule rule, string? refusal, Subject? subject, AccessOutcome allows, AccessOutcome refuses) =>
        new(rule.Name, refusal is null ? allows : refuses, refusal, AccessReasons.Of(rule.Options, refusal, subject));
}

/// <summary>What one rule had to say.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why not, in a stable word; null if it lets through or was not asked.</param>
/// <param name="Why">The same in words.</param>
internal sealed record AccessStep(string Rule, AccessOutcome Outcome, string? Reason, string Why);

/// <summary>What became of a rule.</summary>
internal enum AccessOutcome
{
    /// <summary>It does not match the request.</summary>
    PassedOver,

    /// <summary>On trial, and would let through.</summary>
    TrialAllows,

    /// <summary>On trial, and would refuse.</summary>
    TrialRefuses,

    /// <summary>It decides: let through.</summary>
    Allows,

    /// <summary>It decides: refused.</summary>
    Refuses,

    /// <summary>An earlier rule decided.</summary>
    NotAsked,
}
