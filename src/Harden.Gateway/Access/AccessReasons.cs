namespace Harden.Gateway.Access;

/// <summary>The stable words for refusals, in words for whoever writes the rules.</summary>
internal static class AccessReasons
{
    /// <summary>Why a rule does not match.</summary>
    public static string Mismatch(AccessRuleOptions rule, string reason) => reason switch
    {
        "path" => $"it is for {Listed(rule.Paths)}",
        "method" => $"it is for {Listed(rule.Methods)}",
        _ => $"it is for callers from {Listed(rule.Networks)}",
    };

    /// <summary>Why a rule lets through or refuses.</summary>
    public static string Of(AccessRuleOptions rule, string? reason, Subject? subject) => reason switch
    {
        null => Allowing(rule, subject),
        "not-signed-in" => "nobody is signed in; a browser's navigation is sent to sign-in",
        "nobody" => "it lets nobody in",
        "key-needed" => $"it is for the API keys {Listed(rule.Keys)} only",
        "key" => rule.Keys.Length > 0 ? $"it names the API keys {Listed(rule.Keys)}, not {subject?.ObjectId}" : "an API key gets in only where a rule names it in Keys",
        "tenant" => $"needs one of the tenants {Listed(rule.Tenants)}; the caller's is {subject?.Tenant}",
        "subject" => $"it is for {rule.Subjects.Length} named subject{(rule.Subjects.Length == 1 ? "" : "s")}, not for {subject?.Key}",
        "scope" => $"needs one of the scopes {Listed(rule.Scopes)}; {Had(subject?.Scopes, subject?.Scheme == "session" ? "a browser's session has none" : "the token has none")}",
        "role" => $"needs one of the roles {Listed(rule.Roles)}; {Had(subject?.Roles, "the caller has none")}",
        "group" => $"needs one of the groups {Listed(rule.Groups)}; {Had(subject?.Groups, "the caller is in none")}",
        "group-overage" => "too many groups: the token does not carry them, so membership in the rule's Groups can't be checked; use Roles (app roles), or have Entra send only the groups assigned to the application",
        "auth-context" => $"needs authentication context {rule.AuthContext}; {Had(subject?.AuthContexts, "the sign-in met none")}; a browser's navigation is sent to step up",
        "max-age" => $"needs a sign-in of the last {rule.MaxAge}{(subject?.AuthenticatedAt is null ? "; when it was is not known" : "")}; a browser's navigation is sent to sign in again",
        "cross-site" => "a page of another origin acts with the caller's session, which neither the rule's Origins and CrossSite nor Session:AllowedOrigins allow",
        _ => reason,
    };

    /// <summary>What happens where no rule matches.</summary>
    public static string Default(Audience fallback, string? reason) => reason switch
    {
        null => $"no rule matches, and Access:Default is {fallback}",
        "cross-site" => "no rule matches, and a page of another origin acts with the caller's session",
        "not-signed-in" => "no rule matches, and Access:Default is SignedIn; a browser's navigation is sent to sign-in",
        "key" => "no rule matches, and an API key gets in only where a rule names it in Keys",
        _ => "no rule matches, and Access:Default is Nobody",
    };

    private static string Allowing(AccessRuleOptions rule, Subject? subject) => AccessRule.AudienceOf(rule) switch
    {
        Audience.Anonymous => "it lets anybody in",
        _ when subject?.Scheme == "apikey" => $"it names the API key {subject.ObjectId}",
        _ when AccessRule.AsksOfPeople(rule) => "the caller meets its conditions",
        _ => "it lets anybody in who is signed in",
    };

    private static string Had(IReadOnlyList<string>? had, string none) => had is { Count: > 0 } ? $"the caller has {string.Join(", ", had)}" : none;

    private static string Listed(string[] list) => string.Join(", ", list);
}
