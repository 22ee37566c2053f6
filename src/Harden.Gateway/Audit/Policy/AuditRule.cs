using Harden.Gateway.Audit.Redaction;

namespace Harden.Gateway.Audit.Policy;

/// <summary>One rule, compiled, with what it records.</summary>
internal sealed class AuditRule
{
    private readonly PathPattern[] paths;
    private readonly (int From, int To)[] statuses;
    private readonly AuditRuleOptions options;

    public AuditRule(AuditOptions all, AuditRuleOptions options, string name)
    {
        this.options = options;
        Name = name;
        paths = [.. options.Paths.Select(static p => PathPattern.TryParse(p, out _)!)];
        statuses = [.. options.Statuses.Select(static s => StatusRange.TryParse(s)!.Value)];
        Headers = new(all, options);
        Bodies = new(all.Bodies, options.Bodies);
        Redactor = new(new() { QueryKeys = [.. all.QueryKeys, .. options.QueryKeys] });
    }

    /// <summary>Its name in records; empty for what applies if no rule fits.</summary>
    public string Name { get; }

    public AuditLevel Level => options.Level;

    /// <summary>Bytes kept of each body.</summary>
    public int Limit => options.Limit;

    /// <summary>Why nothing is recorded, at level None.</summary>
    public string Reason => options.Reason;

    /// <summary>The headers that are recorded.</summary>
    public AuditHeaders Headers { get; }

    /// <summary>What takes out of paths and queries what must not be on record.</summary>
    public Redactor Redactor { get; }

    /// <summary>What is kept of bodies.</summary>
    public BodyRules Bodies { get; }

    /// <summary>True if everything fits that is known before the answer.</summary>
    public bool FitsRequest(RequestScope scope, string method) =>
        FitsPath(scope.Path) && FitsMethod(method) && FitsSubject(scope.Subject);

    /// <summary>True if only the answer can tell whether it fits.</summary>
    public bool WaitsForAnswer(string? requestType) =>
        statuses.Length > 0 || (options.ContentTypes.Length > 0 && !FitsType(requestType));

    /// <summary>True if the answer fits; the request does.</summary>
    public bool FitsAnswer(string? requestType, string? answerType, int status) =>
        (statuses.Length == 0 || Array.Exists(statuses, s => s.From <= status && status <= s.To))
        && (options.ContentTypes.Length == 0 || FitsType(requestType) || FitsType(answerType));

    private bool FitsPath(string path)
    {
        foreach (var pattern in paths)
        {
            if (pattern.Matches(path))
                return true;
        }
        return paths.Length == 0;
    }

    private bool FitsMethod(string method)
    {
        foreach (var wanted in options.Methods)
        {
            if (MethodName.Covers(wanted, method))
                return true;
        }
        return options.Methods.Length == 0;
    }

    private bool FitsSubject(Subject? subject)
    {
        if (options.Anonymous is { } anonymous && anonymous != subject is null)
            return false;
        if (options.Subjects.Length > 0 && !(subject is not null && options.Subjects.Contains(subject.Key, StringComparer.OrdinalIgnoreCase)))
            return false;
        if (options.Schemes.Length > 0 && !(subject is not null && options.Schemes.Contains(subject.Scheme, StringComparer.OrdinalIgnoreCase)))
            return false;
        if (options.Roles.Length == 0)
            return true;
        foreach (var role in subject?.Roles ?? [])
        {
            if (options.Roles.Contains(role, StringComparer.Ordinal))
                return true;
        }
        return false;
    }

    private bool FitsType(string? type)
    {
        foreach (var wanted in options.ContentTypes)
        {
            if (MediaTypePattern.Fits(wanted, type))
                return true;
        }
        return false;
    }
}
