using System.Net;

namespace Harden.Gateway.Access;

/// <summary>One rule, compiled.</summary>
internal sealed class AccessRule(AccessRuleOptions options, int index)
{
    private readonly PathPattern[] paths = [.. options.Paths.Select(static p => PathPattern.TryParse(p, out _)!)];
    private readonly IPNetwork[] networks = [.. options.Networks.Select(static n => NetworkText.Parse(n)!.Value)];
    private readonly Audience audience = AudienceOf(options);

    /// <summary>What it was made of.</summary>
    public AccessRuleOptions Options { get; } = options;

    /// <summary>Its name, or its place in the list.</summary>
    public string Name { get; } = NameOf(options, index);

    /// <summary>What it asks of a sign-in beside who it was.</summary>
    public SignInDemand Demand { get; } = new(options.AuthContext, options.MaxAge);

    /// <summary>Null if the rule decides the request, else which of its conditions doesn't fit.</summary>
    public string? Mismatch(in AccessRequest request) =>
        !MatchesPath(request.Path) ? "path" : !MatchesMethod(request.Method) ? "method" : !MatchesNetwork(request.Client) ? "network" : null;

    /// <summary>Null if the caller is let through, else why not, in a stable word.</summary>
    public string? Refusal(in AccessRequest request)
    {
        if (audience == Audience.Anonymous)
            return null;
        if (request.Subject is not { } subject)
            return audience == Audience.SignedIn ? "not-signed-in" : Options.Keys.Length > 0 ? "key-needed" : "nobody";
        if (subject.Scheme == "apikey")
            return Options.Keys.Contains(subject.ObjectId, StringComparer.Ordinal) ? null : audience == Audience.Nobody && Options.Keys.Length == 0 ? "nobody" : "key";
        if (audience == Audience.Nobody)
            return Options.Keys.Length > 0 ? "key-needed" : "nobody";
        return Person(subject) ?? (Demand.IsMetBy(subject, request.Now) ? null : Demand.Lacks(subject) ? "auth-context" : "max-age");
    }

    /// <summary>True if a page of that origin may act with a person's session here.</summary>
    /// <param name="origin">As the browser sent it; "" if it isn't known.</param>
    public bool Trusts(string origin) =>
        Options.CrossSite == CrossSitePolicy.Allow || (origin.Length > 0 && Array.Exists(Options.Origins, o => o.TrimEnd('/').Equals(origin, StringComparison.OrdinalIgnoreCase)));

    /// <summary>A rule's name, or its place in the list.</summary>
    public static string NameOf(AccessRuleOptions rule, int index) => rule.Name.Length > 0 ? rule.Name : $"rule-{index + 1}";

    /// <summary>Who is let through when the rule doesn't say: whoever named only keys meant only keys.</summary>
    public static Audience AudienceOf(AccessRuleOptions rule) => rule.Allow ?? (rule.Keys.Length > 0 && !AsksOfPeople(rule) ? Audience.Nobody : Audience.SignedIn);

    /// <summary>True if the rule has conditions that only a signed-in caller can meet.</summary>
    public static bool AsksOfPeople(AccessRuleOptions rule) =>
        rule.Roles.Length + rule.Groups.Length + rule.Scopes.Length + rule.Tenants.Length + rule.Subjects.Length > 0 || rule.AuthContext is not null || rule.MaxAge is not null;

    private string? Person(Subject subject)
    {
        if (Options.Tenants.Length > 0 && !Options.Tenants.Contains(subject.Tenant, StringComparer.OrdinalIgnoreCase))
            return "tenant";
        if (Options.Subjects.Length > 0 && !Options.Subjects.Contains(subject.Key, StringComparer.OrdinalIgnoreCase))
            return "subject";
        if (Options.Scopes.Length > 0 && !Any(Options.Scopes, subject.Scopes, StringComparer.Ordinal))
            return "scope";
        if (Options.Roles.Length > 0 && !Any(Options.Roles, subject.Roles, StringComparer.Ordinal))
            return "role";
        if (Options.Groups.Length > 0 && !Any(Options.Groups, subject.Groups, StringComparer.OrdinalIgnoreCase))
            return subject.GroupsOverage ? "group-overage" : "group";
        return null;
    }

    private bool MatchesPath(string path)
    {
        foreach (var pattern in paths)
        {
            if (pattern.Matches(path))
                return true;
        }
        return paths.Length == 0;
    }

    private bool MatchesMethod(string method)
    {
        foreach (var allowed in Options.Methods)
        {
            if (MethodName.Covers(allowed, method))
                return true;
        }
        return Options.Methods.Length == 0;
    }

    private bool MatchesNetwork(IPAddress client)
    {
        foreach (var network in networks)
        {
            if (network.Contains(client))
                return true;
        }
        return networks.Length == 0;
    }

    private static bool Any(string[] wanted, IReadOnlyList<string> had, StringComparer comparer)
    {
        foreach (var one in wanted)
        {
            if (had.Contains(one, comparer))
                return true;
        }
        return false;
    }
}
