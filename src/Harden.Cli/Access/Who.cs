using Harden.Gateway;

namespace Harden.Cli.Access;

/// <summary>The caller that <c>--as</c> names, with what the other options say of them.</summary>
internal sealed record Who
{
    private const string Somebody = "00000000-0000-4000-8000-000000000000";

    public string Tenant { get; init; } = "";

    public string[] Roles { get; init; } = [];

    public string[] Groups { get; init; } = [];

    public bool GroupsOverage { get; init; }

    public string[] Scopes { get; init; } = [];

    public string[] AuthContexts { get; init; } = [];

    public DateTimeOffset? AuthenticatedAt { get; init; }

    /// <summary>The subject; null for nobody known.</summary>
    /// <exception cref="HostProblem">The word means nobody that can be known.</exception>
    public static Subject? Read(string word, Who has)
    {
        if (word == "anonymous")
            return null;
        if (word.StartsWith("key:", StringComparison.Ordinal) && word.Length > 4)
            return new() { Tenant = "apikey", ObjectId = word[4..], Name = word[4..], Scheme = "apikey" };
        if (word is "user" or "service")
            return Person(has, has.Tenant.Length > 0 ? has.Tenant : Somebody, Somebody, word == "service" ? "bearer" : null);
        if (word.Split('/') is [var tenant, var id] && Guid.TryParse(tenant, out _) && Guid.TryParse(id, out _))
            return Person(has, tenant.ToLowerInvariant(), id.ToLowerInvariant(), null);
        throw new HostProblem($"\"{word}\" names nobody. Use anonymous, user, service, key:NAME, or TENANT/OBJECT with two GUIDs; a mail address does not identify anyone.", ExplainCommand.BadUsage);
    }

    private static Subject Person(Who has, string tenant, string id, string? scheme) => new()
    {
        Tenant = tenant,
        ObjectId = id,
        Scheme = scheme ?? (has.Scopes.Length > 0 ? "bearer" : "session"),
        Roles = has.Roles,
        Groups = has.GroupsOverage ? [] : has.Groups,
        GroupsOverage = has.GroupsOverage,
        Scopes = has.Scopes,
        AuthContexts = has.AuthContexts,
        AuthenticatedAt = has.AuthenticatedAt,
    };
}
