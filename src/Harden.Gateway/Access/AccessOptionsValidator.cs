using System.Net;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Access;

/// <summary>What annotations can't say of <see cref="AccessOptions"/>.</summary>
internal static class AccessOptionsValidator
{
    public static void Validate(AccessOptions options, Problems problems)
    {
        for (var i = 0; i < options.Rules.Length; i++)
        {
            var rule = options.Rules[i];
            var key = $"Access:Rules:{i}";
            for (var p = 0; p < rule.Paths.Length; p++)
            {
                if (PathPattern.TryParse(rule.Paths[p], out var mend) is null)
                    problems.Add($"{key}:Paths:{p}", mend);
            }
            for (var n = 0; n < rule.Networks.Length; n++)
            {
                if (!IPNetwork.TryParse(rule.Networks[n], out _) && !IPAddress.TryParse(rule.Networks[n], out _))
                    problems.Add($"{key}:Networks:{n}", "must be an address such as 10.0.0.4 or a network such as 10.0.0.0/24.");
            }
            if (rule.Allow != Audience.SignedIn && rule.Roles.Length + rule.Groups.Length + rule.Tenants.Length + rule.Subjects.Length > 0)
                problems.Add($"{key}:Allow", "contradicts the rule's Roles, Groups, Tenants or Subjects, which need somebody signed in. Leave Allow out, or remove the lists.");
            for (var earlier = 0; earlier < i; earlier++)
            {
                if (AccessRules.NameOf(options.Rules[earlier], earlier) == AccessRules.NameOf(rule, i))
                    problems.Add($"{key}:Name", "is the name of an earlier rule too; records could not tell them apart.");
                if (!options.Rules[earlier].ReportOnly && Covers(options.Rules[earlier], rule))
                {
                    problems.Add(key, $"can never decide: every request it matches is decided by \"{AccessRules.NameOf(options.Rules[earlier], earlier)}\" before. Move it up or remove it.");
                    break;
                }
            }
        }
    }

    private static bool Covers(AccessRuleOptions earlier, AccessRuleOptions later) =>
        (earlier.Networks.Length == 0 || later.Networks.Length > 0 && later.Networks.All(earlier.Networks.Contains))
        && (earlier.Methods.Length == 0 || later.Methods.Length > 0 && later.Methods.All(m => earlier.Methods.Contains(m, StringComparer.OrdinalIgnoreCase)))
        && CoversPaths(earlier.Paths, later.Paths);

    private static bool CoversPaths(string[] earlier, string[] later)
    {
        if (earlier.Length == 0)
            return true;
        var wide = earlier.Select(static p => PathPattern.TryParse(p, out _)).ToArray();
        var narrow = later.DefaultIfEmpty("/**").Select(static p => PathPattern.TryParse(p, out _)).ToArray();
        return Array.TrueForAll(narrow, n => n is not null && Array.Exists(wide, w => w is not null && w.Covers(n)));
    }
}
