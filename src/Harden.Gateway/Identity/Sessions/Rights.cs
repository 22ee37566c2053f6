namespace Harden.Gateway.Identity.Sessions;

/// <summary>What access rules read of a person, apart from who they are.</summary>
internal static class Rights
{
    /// <summary>True if the rules would say the same of both.</summary>
    public static bool Same(Subject one, Subject other) =>
        one.Key == other.Key && one.GroupsOverage == other.GroupsOverage && Same(one.Roles, other.Roles) && Same(one.Groups, other.Groups) && Same(one.AuthContexts, other.AuthContexts);

    /// <summary>A renewed subject. What only a sign-in proves, when and how strongly, stays as it was unless the new token says more.</summary>
    public static Subject WithSignIn(Subject renewed, Subject known) => new()
    {
        Tenant = renewed.Tenant,
        ObjectId = renewed.ObjectId,
        Name = renewed.Name,
        Email = renewed.Email,
        Roles = renewed.Roles,
        Scopes = renewed.Scopes,
        Groups = renewed.Groups,
        GroupsOverage = renewed.GroupsOverage,
        AuthContexts = renewed.AuthContexts.Count > 0 ? renewed.AuthContexts : known.AuthContexts,
        AuthenticatedAt = renewed.AuthenticatedAt ?? known.AuthenticatedAt,
        Scheme = renewed.Scheme,
    };

    private static bool Same(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        one.Count == other.Count && one.Order(StringComparer.Ordinal).SequenceEqual(other.Order(StringComparer.Ordinal));
}
