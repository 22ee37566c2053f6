using System.Globalization;
using System.Text.Json.Nodes;

namespace Harden.Gateway;

/// <summary>What a rule asks of a sign-in beside who it was: step-up authentication.</summary>
/// <param name="AuthContext">Authentication context (<c>acrs</c>), or null.</param>
/// <param name="MaxAge">How long ago the person may have proved who they are, or null.</param>
internal readonly record struct SignInDemand(string? AuthContext, TimeSpan? MaxAge)
{
    /// <summary>True if nothing is asked.</summary>
    public bool IsNone => AuthContext is null && MaxAge is null;

    /// <summary>The same as parameters of <c>/.harden/signin</c>, each with its &amp; before it.</summary>
    public string Query =>
        (AuthContext is null ? "" : $"&acrs={AuthContext}") + (Seconds is { } seconds ? $"&max_age={seconds}" : "");

    /// <summary><see cref="MaxAge"/> in whole seconds, in digits.</summary>
    public string? Seconds => MaxAge is { } age ? ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture) : null;

    /// <summary>True if the subject's sign-in is good enough. What it doesn't say is not good enough.</summary>
    public bool IsMetBy(Subject subject, DateTimeOffset now) =>
        !Lacks(subject) && (MaxAge is not { } age || (subject.AuthenticatedAt is { } at && now - at <= age));

    /// <summary>True if the sign-in did not meet the authentication context.</summary>
    public bool Lacks(Subject subject) => AuthContext is { } wanted && !subject.AuthContexts.Contains(wanted, StringComparer.Ordinal);

    /// <summary>OpenID Connect's <c>claims</c> parameter that has Entra see to it.</summary>
    /// <param name="token">The token that must say so: <c>id_token</c> for a sign-in, <c>access_token</c> for an API caller.</param>
    public string Claims(string token)
    {
        var asked = new JsonObject();
        if (AuthContext is not null)
            asked["acrs"] = new JsonObject { ["essential"] = true, ["value"] = AuthContext };
        if (MaxAge is not null)
            asked["auth_time"] = new JsonObject { ["essential"] = true };
        return new JsonObject { [token] = asked }.ToJsonString();
    }
}

/// <summary>
/// What the rules in force demand. Access says it, sign-in asks it: a link to sign-in can ask for nothing that no rule does, so nobody
/// is sent through ceremonies of a stranger's choice.
/// </summary>
internal sealed class SignInDemands
{
    private HashSet<SignInDemand> known = [];

    /// <summary>Replaces them.</summary>
    public void Set(IEnumerable<SignInDemand> demands) => Volatile.Write(ref known, [.. demands.Where(static d => !d.IsNone)]);

    /// <summary>The demand of a sign-in's parameters; none if no rule asks exactly that.</summary>
    public SignInDemand Read(string? acrs, string? maxAge)
    {
        var asked = new SignInDemand(string.IsNullOrEmpty(acrs) ? null : acrs,
            int.TryParse(maxAge, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null);
        return Volatile.Read(ref known).Contains(asked) ? asked : default;
    }
}
