using Harden.Gateway.Configuration;

namespace Harden.Gateway.Access;

/// <summary>What annotations can't say of <see cref="AccessOptions"/>.</summary>
internal static class AccessOptionsValidator
{
    public static void Validate(AccessOptions options, Problems problems)
    {
        for (var i = 0; i < options.Rules.Length; i++)
        {
            var (rule, key) = (options.Rules[i], $"Access:Rules:{i}");
            if (rule.Name.Length > 0 && string.IsNullOrWhiteSpace(rule.Name))
                problems.Add($"{key}:Name", "is blank: name the rule, or leave Name out.");
            Matches(rule, key, problems);
            People(rule, key, problems);
            Origins(rule, key, problems);
            for (var earlier = 0; earlier < i; earlier++)
            {
                if (AccessRule.NameOf(options.Rules[earlier], earlier) == AccessRule.NameOf(rule, i))
                    problems.Add($"{key}:Name", "is the name of an earlier rule too; records could not tell them apart.");
            }
            if (Shadows.Of(options.Rules, i) is { Count: > 0 } before)
                problems.Add(key, $"can never decide: every request it matches is decided by {string.Join(" or ", before.Select(static name => $"\"{name}\""))} before. Move it up or remove it.");
        }
    }

    private static void Matches(AccessRuleOptions rule, string key, Problems problems)
    {
        for (var p = 0; p < rule.Paths.Length; p++)
        {
            if (PathPattern.TryParse(rule.Paths[p], out var mend) is null)
                problems.Add($"{key}:Paths:{p}", mend);
            else if (ReservedPrefix.Owns(rule.Paths[p]))
                problems.Add($"{key}:Paths:{p}", $"can never decide: what is below {ReservedPrefix.Path}/ is Harden's own, and answered before any rule is asked. Remove it.");
        }
        for (var m = 0; m < rule.Methods.Length; m++)
        {
            if (MethodName.Mend(rule.Methods[m]) is { } mend)
                problems.Add($"{key}:Methods:{m}", mend);
        }
        for (var n = 0; n < rule.Networks.Length; n++)
        {
            if (NetworkText.Parse(rule.Networks[n]) is null)
                problems.Add($"{key}:Networks:{n}", "must be an address such as 10.0.0.4 or 2001:db8::4, or a network such as 10.0.0.0/24.");
        }
    }

    private static void People(AccessRuleOptions rule, string key, Problems problems)
    {
        if (rule.Allow is Audience.Nobody or Audience.Anonymous && AccessRule.AsksOfPeople(rule))
            problems.Add($"{key}:Allow", "contradicts the rule's Roles, Groups, Scopes, Tenants, Subjects, AuthContext or MaxAge, which need somebody signed in. Leave Allow out, or remove them.");
        if (rule.Allow == Audience.Anonymous && rule.Keys.Length > 0)
            problems.Add($"{key}:Keys", "has no meaning where Allow is Anonymous: everybody is let through. Remove one of the two.");
        foreach (var (name, list) in (ReadOnlySpan<(string, string[])>)[("Roles", rule.Roles), ("Groups", rule.Groups), ("Scopes", rule.Scopes), ("Keys", rule.Keys)])
        {
            for (var n = 0; n < list.Length; n++)
            {
                if (list[n].Length == 0 || list[n].AsSpan().ContainsAny(" \t\r\n"))
                    problems.Add($"{key}:{name}:{n}", "must be one name without blanks.");
            }
        }
        var known = rule.Keys.Length > 0 ? problems.NamesIn("ApiKeys:Keys") : [];
        for (var k = 0; k < rule.Keys.Length; k++)
        {
            if (rule.Keys[k].Length > 0 && !known.Contains(rule.Keys[k], StringComparer.Ordinal))
                problems.Add($"{key}:Keys:{k}", $"is not the name of a key in ApiKeys:Keys.{(known.Length > 0 ? SectionWalker.Suggest(rule.Keys[k], known) : " There are none yet: harden key create NAME makes one.")}");
        }
        for (var t = 0; t < rule.Tenants.Length; t++)
        {
            if (!Guid.TryParseExact(rule.Tenants[t], "D", out _))
                problems.Add($"{key}:Tenants:{t}", "must be a tenant id, a GUID such as 00000000-0000-0000-0000-000000000000.");
        }
        for (var s = 0; s < rule.Subjects.Length; s++)
        {
            if (rule.Subjects[s].Split('/') is not [var tenant, var id] || !Guid.TryParseExact(tenant, "D", out _) || !Guid.TryParseExact(id, "D", out _))
                problems.Add($"{key}:Subjects:{s}", "must be tenant id/object id, two GUIDs. Mail addresses and names are not accepted, because they are not unique and can be changed.");
        }
        if (rule.MaxAge is { } age && (age < TimeSpan.FromMinutes(1) || age > TimeSpan.FromDays(30) || age.Ticks % TimeSpan.TicksPerSecond != 0))
            problems.Add($"{key}:MaxAge", "must be between 00:01:00 and 30.00:00:00 (30 days), in whole seconds.");
    }

    private static void Origins(AccessRuleOptions rule, string key, Problems problems)
    {
        for (var o = 0; o < rule.Origins.Length; o++)
        {
            if (!OriginText.IsOrigin(rule.Origins[o]))
                problems.Add($"{key}:Origins:{o}", "must be an origin as browsers send it, such as https://forms.example.com: scheme, host and no path.");
        }
        if (rule.CrossSite == CrossSitePolicy.Allow && rule.Origins.Length > 0)
            problems.Add($"{key}:CrossSite", "allows every origin, so Origins has no meaning. Remove one of the two.");
    }
}
