using System.Net;
using System.Net.Sockets;

namespace Harden.Gateway.Access;

/// <summary>Finds rules that can never decide, because earlier ones decide every request that they match.</summary>
internal static class Shadows
{
    /// <summary>
    /// The earlier rules that leave nothing to the rule, in order; empty if it can decide. Each combination of one of its paths, methods and
    /// networks must be covered by one earlier rule; rules on trial decide nothing and cover nothing.
    /// </summary>
    public static IReadOnlyList<string> Of(AccessRuleOptions[] rules, int index)
    {
        var rule = rules[index];
        var found = new SortedSet<int>();
        foreach (var path in rule.Paths.DefaultIfEmpty("/**"))
        {
            foreach (var method in rule.Methods.Cast<string?>().DefaultIfEmpty(null))
            {
                foreach (var network in rule.Networks.Cast<string?>().DefaultIfEmpty(null))
                {
                    var by = Array.FindIndex(rules, 0, index, earlier => !earlier.ReportOnly && CoversPath(earlier, path) && CoversMethod(earlier, method) && CoversNetwork(earlier, network));
                    if (by < 0)
                        return [];
                    found.Add(by);
                }
            }
        }
        return [.. found.Select(at => AccessRule.NameOf(rules[at], at))];
    }

    private static bool CoversPath(AccessRuleOptions earlier, string path) =>
        earlier.Paths.Length == 0
        || (PathPattern.TryParse(path, out _) is { } narrow && Array.Exists(earlier.Paths, p => PathPattern.TryParse(p, out _) is { } wide && wide.Covers(narrow)));

    private static bool CoversMethod(AccessRuleOptions earlier, string? method) =>
        earlier.Methods.Length == 0
        || (method is not null && Array.Exists(earlier.Methods, m => MethodName.Covers(m, method)));

    private static bool CoversNetwork(AccessRuleOptions earlier, string? network) =>
        earlier.Networks.Length == 0
        || (Array.Exists(earlier.Networks, static n => IsAll(n, AddressFamily.InterNetwork)) && Array.Exists(earlier.Networks, static n => IsAll(n, AddressFamily.InterNetworkV6)))
        || (network is not null && NetworkText.Parse(network) is { } narrow && Array.Exists(earlier.Networks, n => NetworkText.Parse(n) is { } wide && Covers(wide, narrow)));

    private static bool IsAll(string network, AddressFamily family) => NetworkText.Parse(network) is { PrefixLength: 0 } all && all.BaseAddress.AddressFamily == family;

    private static bool Covers(IPNetwork wide, IPNetwork narrow) => wide.PrefixLength <= narrow.PrefixLength && wide.Contains(narrow.BaseAddress);
}
