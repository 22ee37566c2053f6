using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>What a session knows, as it is stored. Replaced as a whole when Entra vouches for the person anew.</summary>
internal sealed record SessionState
{
    /// <summary>Who.</summary>
    public required Subject Subject { get; init; }

    /// <summary>When they signed in.</summary>
    public required DateTimeOffset SignedIn { get; init; }

    /// <summary>When it ends however much it is used.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>When Entra last said who this is, and which roles and groups they have.</summary>
    public required DateTimeOffset ClaimsAt { get; init; }

    /// <summary>Entra's id of its own session (<c>sid</c>), by which a front-channel sign-out names it.</summary>
    public string EntraSession { get; init; } = "";

    /// <summary>What Entra's sign-out wants to know whom to sign out without asking.</summary>
    public string LoginHint { get; init; } = "";

    /// <summary>With what Entra is asked again; null if it gave none.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Grows with every replacement, so that replicas notice one.</summary>
    [JsonIgnore]
    public long Version => ClaimsAt.ToUnixTimeMilliseconds();

    /// <summary>As bytes.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, SessionJson.Default.SessionState);

    /// <summary>From bytes; null if they are none of ours.</summary>
    public static SessionState? Read(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SessionJson.Default.SessionState);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What an administrator sees of a session: never its handle, never its tokens.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Subject"><see cref="Harden.Gateway.Subject.Key"/>.</param>
/// <param name="Name">Display name.</param>
/// <param name="SignedIn">When they signed in.</param>
/// <param name="Expires">When it ends at the latest.</param>
/// <param name="LastUsed">When it was last used, to within a minute or so.</param>
/// <param name="Scheme">How the caller is known.</param>
internal sealed record SessionSummary(
    string Id, string Subject, string Name, DateTimeOffset SignedIn, DateTimeOffset Expires, DateTimeOffset LastUsed, string Scheme)
{
    /// <summary>The summary of a session.</summary>
    public static SessionSummary Of(string id, SessionState state, DateTimeOffset used) =>
        new(id, state.Subject.Key, state.Subject.Name, state.SignedIn, state.Expires, used, state.Subject.Scheme);
}

/// <summary>A page of sessions, newest first.</summary>
/// <param name="Sessions">At most as many as were asked for.</param>
/// <param name="Next">What to ask for the next page with; null if this is the last.</param>
internal sealed record SessionPage(IReadOnlyList<SessionSummary> Sessions, string? Next);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SessionState))]
[JsonSerializable(typeof(SessionPage))]
internal sealed partial class SessionJson : JsonSerializerContext;
