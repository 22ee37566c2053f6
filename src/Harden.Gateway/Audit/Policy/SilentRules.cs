namespace Harden.Gateway.Audit.Policy;

/// <summary>
/// Counts what the rules of level None leave out, and tells: each rule once when it comes into force, and how many requests it has left out
/// once a minute while there are any. So a reviewer sees what the record does not show, and why.
/// </summary>
internal sealed class SilentRules : IDisposable
{
    /// <summary>The notice's reason.</summary>
    public const string Reason = "policy-none";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly (AuditRule Rule, StrongBox Count)[] rules;
    private readonly Action<string, long> tell;
    private readonly ITimer? timer;

    /// <summary>Tells that the rules are in force.</summary>
    /// <param name="rules">The rules of level None.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Puts a sentence and a number on record.</param>
    public SilentRules(IEnumerable<AuditRule> rules, TimeProvider time, Action<string, long> tell)
    {
        this.tell = tell;
        this.rules = [.. rules.Select(static rule => (rule, new StrongBox()))];
        foreach (var (rule, _) in this.rules)
            tell($"From now on rule \"{rule.Name}\" leaves no record of what it matches, refusals excepted. Its reason: {rule.Reason}", 0);
        if (this.rules.Length > 0)
            timer = time.CreateTimer(static self => ((SilentRules)self!).Tell(), this, Interval, Interval);
    }

    /// <summary>A request was left out.</summary>
    public void Count(AuditRule rule)
    {
        foreach (var (known, count) in rules)
        {
            if (ReferenceEquals(known, rule))
                Interlocked.Increment(ref count.Value);
        }
    }

    /// <summary>Tells what was not told yet.</summary>
    public void Dispose()
    {
        timer?.Dispose();
        Tell();
    }

    private void Tell()
    {
        foreach (var (rule, count) in rules)
        {
            if (Interlocked.Exchange(ref count.Value, 0) is > 0 and var left)
                tell($"Rule \"{rule.Name}\" left no record of {left} request{(left == 1 ? "" : "s")}. Its reason: {rule.Reason}", left);
        }
    }

    private sealed class StrongBox
    {
        public long Value;
    }
}
