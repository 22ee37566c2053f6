using Harden.Gateway.Configuration;

namespace Harden.Gateway.Audit.Policy;

/// <summary>What annotations can't say of <see cref="AuditRuleOptions"/>.</summary>
internal static class AuditRulesValidator
{
    private static readonly string[] Schemes = ["session", "bearer", "apikey"];

    public static void Validate(AuditRuleOptions[] rules, Problems problems)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            var rule = rules[i];
            var key = $"Audit:Rules:{i}";
            Each(rule.Paths, p => PathPattern.TryParse(p, out var mend) is null ? mend : null, $"{key}:Paths", problems);
            Each(rule.Methods, MethodName.Mend, $"{key}:Methods", problems);
            Each(rule.ContentTypes, static t => MediaTypePattern.IsPattern(t) ? null : "must be a media type such as application/json, or a pattern such as text/* or application/*+json.", $"{key}:ContentTypes", problems);
            Each(rule.Statuses, static s => StatusRange.TryParse(s) is null ? "must be a status such as 401 or a class such as 5xx." : null, $"{key}:Statuses", problems);
            Each(rule.Schemes, static s => Schemes.Contains(s, StringComparer.OrdinalIgnoreCase) ? null : $"must be one of {string.Join(", ", Schemes)}.", $"{key}:Schemes", problems);
            Each(rule.Subjects, static s => s.Split('/') is [{ Length: > 0 }, { Length: > 0 }] ? null : "must be a tenant id and an object id with a slash between.", $"{key}:Subjects", problems);
            if (rule.Anonymous == true && rule.Roles.Length + rule.Subjects.Length + rule.Schemes.Length > 0)
                problems.Add($"{key}:Anonymous", "contradicts the rule's Roles, Subjects or Schemes, which need somebody known. Leave it out, or remove the lists.");
            Level(rule, key, problems);
            Order(rules, i, key, problems);
        }
    }

    // What is recorded before the answer is there can't depend on it.
    private static void Level(AuditRuleOptions rule, string key, Problems problems)
    {
        var waits = rule.Statuses.Length + rule.ContentTypes.Length > 0;
        if (rule.Level != AuditLevel.None && rule.Reason.Length > 0)
            problems.Add($"{key}:Reason", "belongs to level None only, where it says why nothing is recorded. Remove it, or set Level to None.");
        if (rule.Level == AuditLevel.None && string.IsNullOrWhiteSpace(rule.Reason))
            problems.Add($"{key}:Reason", "must say why requests leave no record, because level None needs a reason that a reviewer can read.");
        if (rule.Level == AuditLevel.None && waits)
            problems.Add($"{key}:Level", "can't be None together with Statuses or ContentTypes: whether a request is recorded is decided before it is forwarded. Use Paths, Methods or who asks.");
        if (waits && rule.QueryKeys.Length + rule.RequestHeaders.Length > 0)
            problems.Add(key, "can't have QueryKeys or RequestHeaders together with Statuses or ContentTypes: they are recorded before there is an answer. Name them under Audit.");
    }

    private static void Order(AuditRuleOptions[] rules, int index, string key, Problems problems)
    {
        for (var earlier = 0; earlier < index; earlier++)
        {
            var name = AuditRules.NameOf(rules[earlier], earlier);
            if (name == AuditRules.NameOf(rules[index], index))
                problems.Add($"{key}:Name", "is the name of an earlier rule too; records could not tell them apart.");
            if (Covers(rules[earlier], rules[index]))
            {
                problems.Add(key, $"can never decide: every request it matches is decided by \"{name}\" before. Move it up or remove it.");
                return;
            }
            if (rules[index].Level == AuditLevel.None && rules[earlier].Statuses.Length + rules[earlier].ContentTypes.Length > 0)
            {
                problems.Add(key, $"has level None and must stand before \"{name}\", which waits for the answer. Move it up.");
                return;
            }
        }
    }

    private static bool Covers(AuditRuleOptions earlier, AuditRuleOptions later) =>
        CoversPaths(earlier.Paths, later.Paths)
        && Covers(earlier.Methods, later.Methods, MethodName.Covers)
        && Covers(earlier.ContentTypes, later.ContentTypes, MediaTypePattern.Covers)
        && Covers(earlier.Statuses, later.Statuses, static (w, n) => StatusRange.TryParse(w) is var (from, to) && StatusRange.TryParse(n) is var (first, last) && from <= first && last <= to)
        && Covers(earlier.Roles, later.Roles, static (w, n) => w == n)
        && Covers(earlier.Subjects, later.Subjects, static (w, n) => w.Equals(n, StringComparison.OrdinalIgnoreCase))
        && Covers(earlier.Schemes, later.Schemes, static (w, n) => w.Equals(n, StringComparison.OrdinalIgnoreCase))
        && (earlier.Anonymous is null || earlier.Anonymous == (later.Anonymous ?? (later.Roles.Length + later.Subjects.Length + later.Schemes.Length > 0 ? false : null)));

    private static bool Covers(string[] earlier, string[] later, Func<string, string, bool> covers) =>
        earlier.Length == 0 || (later.Length > 0 && Array.TrueForAll(later, narrow => Array.Exists(earlier, wide => covers(wide, narrow))));

    private static bool CoversPaths(string[] earlier, string[] later)
    {
        if (earlier.Length == 0)
            return true;
        var wide = earlier.Select(static p => PathPattern.TryParse(p, out _)).ToArray();
        var narrow = later.DefaultIfEmpty("/**").Select(static p => PathPattern.TryParse(p, out _)).ToArray();
        return Array.TrueForAll(narrow, n => n is not null && Array.Exists(wide, w => w is not null && w.Covers(n)));
    }

    private static void Each(string[] values, Func<string, string?> problem, string key, Problems problems)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (problem(values[i]) is { } mend)
                problems.Add($"{key}:{i}", mend);
        }
    }
}
