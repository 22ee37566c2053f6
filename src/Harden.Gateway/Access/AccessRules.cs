namespace Harden.Gateway.Access;

/// <summary>The rules in force, compiled once for each configuration.</summary>
internal sealed class AccessRules(AccessOptions options)
{
    private readonly AccessRule[] rules = [.. options.Rules.Select(static (rule, index) => new AccessRule(rule, index))];

    /// <summary>The options these were made of, to notice a reload.</summary>
    public AccessOptions Options { get; } = options;

    /// <summary>The rules, in order.</summary>
    public IReadOnlyList<AccessRule> All => rules;

    /// <summary>Decides. Never lets through what no rule names, unless <see cref="AccessOptions.Default"/> says so.</summary>
    public Verdict Decide(in AccessRequest request)
    {
        Trial? trial = null;
        foreach (var rule in rules)
        {
            if (rule.Mismatch(request) is not null)
                continue;
            var refusal = rule.Refusal(request);
            if (!rule.Options.ReportOnly)
                return new(rule, refusal, trial);
            if (refusal is not null)
                trial = Trial.After(trial, rule.Name, refusal); // on trial: said, and the rules in force decide
        }
        return new(null, Fallback(request.Subject), trial);
    }

    /// <summary>The rule that has preflights for the request forwarded; null if they are judged as any other request.</summary>
    public AccessRule? ForwardsPreflight(in AccessRequest asked)
    {
        foreach (var rule in rules)
        {
            if (!rule.Options.ReportOnly && rule.Mismatch(asked) is null)
                return rule.Options.Preflight == PreflightPolicy.Forward ? rule : null;
        }
        return null;
    }

    private string? Fallback(Subject? subject) => Options.Default switch
    {
        Audience.Anonymous => null,
        Audience.SignedIn => subject is null ? "not-signed-in" : subject.Scheme == "apikey" ? "key" : null,
        _ => "no-rule",
    };

    /// <summary>What the rules say.</summary>
    /// <param name="Rule">The deciding rule; null if none matched.</param>
    /// <param name="Reason">Null if allowed, else why not, in a stable word.</param>
    /// <param name="Trial">What the first ReportOnly rule that would have refused says; null if none would.</param>
    internal readonly record struct Verdict(AccessRule? Rule, string? Reason, Trial? Trial);

    /// <summary>A refusal that is only recorded, and those of later rules.</summary>
    internal sealed record Trial(string Rule, string Reason)
    {
        /// <summary>What the next ReportOnly rule that would have refused says.</summary>
        public Trial? Next { get; private init; }

        /// <summary>The same with one more at its end.</summary>
        public static Trial After(Trial? first, string rule, string reason) =>
            first is null ? new(rule, reason) : first with { Next = After(first.Next, rule, reason) };
    }
}
