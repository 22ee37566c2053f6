using System.Globalization;
using System.Security.Claims;

namespace Harden.Gateway.Identity;

/// <summary>Reads a <see cref="Subject"/> from an Entra token's claims.</summary>
internal static class Subjects
{
    /// <summary>Null if the token names no tenant or no object: nobody can be known by a name or mail address alone.</summary>
    public static Subject? From(IEnumerable<Claim> claims, string scheme)
    {
        string tenant = "", id = "", name = "", email = "", username = "", service = "";
        List<string> roles = [], groups = [], contexts = [];
        DateTimeOffset? authenticated = null;
        string[] scopes = [];
        var overage = false;
        foreach (var claim in claims)
        {
            switch (claim.Type)
            {
                case "tid": tenant += claim.Value; break; // of two, neither
                case "oid": id += claim.Value; break;
                case "name": name = claim.Value; break;
                case "email": email = claim.Value; break;
                case "preferred_username" or "upn": username = claim.Value; break;
                case "azp" or "appid": service = claim.Value; break;
                case "scp": scopes = claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries); break;
                case "roles": roles.Add(claim.Value); break;
                case "acrs": contexts.Add(claim.Value); break;
                case "auth_time" when uint.TryParse(claim.Value, CultureInfo.InvariantCulture, out var seconds): authenticated = DateTimeOffset.FromUnixTimeSeconds(seconds); break;
                case "groups": groups.Add(claim.Value); break;
                // Too many groups for a token: Entra names where to ask for them, or (implicit flow) only says so.
                case "_claim_names": overage |= claim.Value.Contains("\"groups\"", StringComparison.Ordinal); break;
                case "hasgroups": overage |= claim.Value.Equals("true", StringComparison.OrdinalIgnoreCase); break;
            }
        }
        if (!Guid.TryParseExact(tenant, "D", out _) || !Guid.TryParseExact(id, "D", out _))
            return null;
        return new()
        {
            Tenant = tenant.ToLowerInvariant(),
            ObjectId = id.ToLowerInvariant(),
            Name = name.Length > 0 ? name : username.Length > 0 ? username : service,
            Email = email.Length > 0 ? email : username,
            Roles = roles,
            Scopes = scopes,
            Groups = overage ? [] : groups,
            GroupsOverage = overage,
            AuthContexts = contexts,
            AuthenticatedAt = authenticated,
            Scheme = scheme,
        };
    }
}
