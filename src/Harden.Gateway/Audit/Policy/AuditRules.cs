namespace Harden.Gateway.Audit.Policy;

/// <summary>The rules in force, compiled once for each configuration.</summary>
internal sealed class AuditRules(AuditOptions options)
{
    private readonly AuditRule[] rules = [.. options.Rules.Select((rule, index) => new AuditRule(options, rule, NameOf(rule, index)))];

    /// <summary>The options these were made of, to notice a reload.</summary>
    public AuditOptions Options => options;

    /// <summary>What applies if no rule fits.</summary>
    public AuditRule Default { get; } = new(options, new(), "");

    /// <summary>The rules that leave no record.</summary>
    public IEnumerable<AuditRule> Silent => rules.Where(static rule => rule.Level == AuditLevel.None);

    /// <summary>What is known to be recorded before there is an answer.</summary>
    public CapturePlan Plan(RequestScope scope, HttpRequest request)
    {
        var plan = new CapturePlan(Default, Settled: true, 0, 0);
        foreach (var rule in rules)
        {
            if (!rule.FitsRequest(scope, request.Method))
                continue;
            plan = plan.With(rule, rule.WaitsForAnswer(request.ContentType));
            if (ReferenceEquals(plan.Rule, rule))
                break;
        }
        return plan;
    }

    /// <summary>The rule that decides, once there is an answer.</summary>
    public AuditRule Decide(RequestScope scope, HttpRequest request, HttpResponse response)
    {
        foreach (var rule in rules)
        {
            if (rule.FitsRequest(scope, request.Method) && rule.FitsAnswer(request.ContentType, response.ContentType, response.StatusCode))
                return rule;
        }
        return Default;
    }

    /// <summary>A rule's name, or its place in the list.</summary>
    public static string NameOf(AuditRuleOptions rule, int index) => rule.Name.Length > 0 ? rule.Name : $"rule-{index + 1}";
}

/// <summary>What to capture while only the answer can tell which rule decides: as much as any of them may want.</summary>
/// <param name="Rule">The rule that decides unless one that waits for the answer does.</param>
/// <param name="Settled">No rule waits for the answer.</param>
/// <param name="RequestLimit">Bytes of the request's body; 0 for none.</param>
/// <param name="ResponseLimit">Bytes of the answer's body; 0 for none.</param>
internal readonly record struct CapturePlan(AuditRule Rule, bool Settled, int RequestLimit, int ResponseLimit)
{
    /// <summary>With one more rule that fits the request.</summary>
    public CapturePlan With(AuditRule rule, bool waits) => new(
        waits ? Rule : rule,
        Settled && !waits,
        Math.Max(RequestLimit, rule.Level >= AuditLevel.Request ? rule.Limit : 0),
        Math.Max(ResponseLimit, rule.Level == AuditLevel.RequestResponse ? rule.Limit : 0));
}
