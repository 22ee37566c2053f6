using System.Net;

namespace Harden.Gateway.Access;

/// <summary>The rules in force, compiled once for each configuration.</summary>
internal sealed class AccessRules(AccessOptions options)
{
    private readonly Rule[] rules = [.. options.Rules.Select(static (rule, index) => new Rule(rule, index))];

    /// <summary>The options these were made of, to notice a reload.</summary>
    public AccessOptions Options { get; } = options;

    /// <summary>Decides. Never lets through what no rule names, unless <see cref="AccessOptions.Default"/> says so.</summary>
    public Verdict Decide(string path, string method, IPAddress client, Subject? subject)
    {
        Trial? trial = null;
        foreach (var rule in rules)
        {
            if (!rule.Matches(path, method, client))
                continue;
            var refusal = rule.Refusal(subject);
            if (!rule.Options.ReportOnly)
                return new(rule.Name, refusal, trial);
            if (refusal is not null)
                trial ??= new(rule.Name, refusal); // on trial: said, and the rules in force decide
        }
        var reason = Judge(Options.Default, subject);
        return new(null, reason == "nobody" ? "no-rule" : reason, trial);
    }

    private static string? Judge(Audience audience, Subject? subject) => audience switch
    {
        Audience.Anonymous => null,
        Audience.SignedIn => subject is null ? "not-signed-in" : null,
        _ => "nobody",
    };

    /// <summary>What the rules say.</summary>
    /// <param name="Rule">The deciding rule's name; null if none matched.</param>
    /// <param name="Reason">Null if allowed, else why not, in a stable word.</param>
    /// <param name="Trial">What the first ReportOnly rule that would have refused says; null if none would.</param>
    internal readonly record struct Verdict(string? Rule, string? Reason, Trial? Trial);

    /// <summary>A refusal that is only recorded.</summary>
    internal readonly record struct Trial(string Rule, string Reason);

    private sealed class Rule(AccessRuleOptions options, int index)
    {
        private readonly PathPattern[] paths = [.. options.Paths.Select(static p => PathPattern.TryParse(p, out _)!)];
        private readonly IPNetwork[] networks = [.. options.Networks.Select(NetworkOf)];

        public AccessRuleOptions Options { get; } = options;

        public string Name { get; } = NameOf(options, index);

        public bool Matches(string path, string method, IPAddress client) =>
            MatchesPath(path) && MatchesMethod(method) && MatchesNetwork(client);

        public string? Refusal(Subject? subject)
        {
            if (Judge(Options.Allow, subject) is { } reason)
                return reason;
            if (Options.Allow == Audience.Anonymous)
                return null;
            if (Options.Tenants.Length > 0 && !Options.Tenants.Contains(subject!.Tenant, StringComparer.OrdinalIgnoreCase))
                return "tenant";
            if (Options.Subjects.Length > 0 && !Options.Subjects.Contains(subject!.Key, StringComparer.OrdinalIgnoreCase))
                return "subject";
            if (Options.Roles.Length > 0 && !Any(Options.Roles, subject!.Roles, StringComparer.Ordinal))
                return "role";
            if (Options.Groups.Length > 0 && !Any(Options.Groups, subject!.Groups, StringComparer.OrdinalIgnoreCase))
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

        // HEAD is GET without the body: a rule for one must hold for the other, or HEAD would slip past it.
        private bool MatchesMethod(string method)
        {
            foreach (var allowed in Options.Methods)
            {
                if (allowed.Equals(method, StringComparison.OrdinalIgnoreCase) || (HttpMethods.IsHead(method) && HttpMethods.IsGet(allowed)))
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

    /// <summary>A rule's name, or its place in the list.</summary>
    public static string NameOf(AccessRuleOptions rule, int index) => rule.Name.Length > 0 ? rule.Name : $"rule-{index + 1}";

    private static IPNetwork NetworkOf(string text) =>
        IPNetwork.TryParse(text, out var network) ? network : new(IPAddress.Parse(text), IPAddress.Parse(text).GetAddressBytes().Length * 8);
}
