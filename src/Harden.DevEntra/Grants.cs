using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Harden.DevEntra;

/// <summary>What a person agreed to, waiting to be turned into tokens.</summary>
/// <param name="Origin">DevEntra's own origin as the caller sees it.</param>
/// <param name="Tenant">Tenant the tokens are issued in.</param>
/// <param name="Persona">Who.</param>
/// <param name="Scope">Scopes asked for, separated by blanks.</param>
/// <param name="AuthTime">When they picked the persona, Unix seconds.</param>
/// <param name="SessionId">Entra's <c>sid</c>.</param>
internal sealed record Grant(string Origin, string Tenant, Persona Persona, string Scope, long AuthTime, string SessionId)
{
    /// <summary>OpenID Connect nonce.</summary>
    public string? Nonce { get; init; }

    /// <summary>Where the code was sent.</summary>
    public string RedirectUri { get; init; } = "";

    /// <summary>PKCE challenge (S256).</summary>
    public string CodeChallenge { get; init; } = "";

    /// <summary>Step-up that was asked for and given.</summary>
    public ClaimsRequest Claims { get; init; } = ClaimsRequest.None;

    /// <summary>Asked for by a program on somebody's machine, which has no secret to prove itself with.</summary>
    public bool Public { get; init; }
}

/// <summary>Codes and refresh tokens: random, single-use, short-lived, and never more than a few thousand.</summary>
internal sealed class Grants(TimeProvider time)
{
    private const int Capacity = 4096;

    private readonly ConcurrentDictionary<string, (Grant Grant, DateTimeOffset Expires)> waiting = new(StringComparer.Ordinal);

    /// <summary>Keeps a grant and returns the secret that fetches it.</summary>
    public string Put(Grant grant, TimeSpan lifetime)
    {
        var now = time.GetUtcNow();
        if (waiting.Count >= Capacity)
        {
            foreach (var (key, _) in waiting.OrderBy(static w => w.Value.Expires).Take(Capacity / 4).ToArray())
                waiting.TryRemove(key, out _);
        }
        var secret = "0.A" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(36));
        waiting[secret] = (grant, now + lifetime);
        return secret;
    }

    /// <summary>Takes a grant out; null if it was used, has expired or never was.</summary>
    public Grant? Take(string secret) =>
        waiting.TryRemove(secret, out var found) && found.Expires > time.GetUtcNow() ? found.Grant : null;

    /// <summary>Looks at a grant without taking it; null if there is none.</summary>
    public Grant? Peek(string secret) => waiting.TryGetValue(secret, out var found) ? found.Grant : null;
}
