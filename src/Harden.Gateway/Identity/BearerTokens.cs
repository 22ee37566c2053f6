using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>
/// API callers by their access token. Verifying a signature costs more than proxying a request, so a valid token is remembered by its
/// hash until it expires. Tokens that aren't valid are not remembered: there is no end of them.
/// </summary>
internal sealed class BearerTokens(TokenValidator validator, Revocations revocations, Live<EntraOptions> live, TimeProvider time)
{
    private const int Capacity = 20_000;

    private readonly ConcurrentDictionary<UInt128, Known> known = new();

    /// <summary>The caller, or why the token isn't accepted in a stable word.</summary>
    public ValueTask<(Subject? Subject, string? Problem)> FindAsync(string token, CancellationToken cancel)
    {
        var key = KeyOf(token);
        if (!known.TryGetValue(key, out var found))
            return new(ValidateAsync(key, token, cancel));
        if (found.Expires > time.GetUtcNow() && live.Current.Admits(found.Subject.Tenant) && !revocations.Covers(found.Subject.Key, found.Issued))
            return new((found.Subject, null));
        known.TryRemove(key, out _);
        return new(ValidateAsync(key, token, cancel));
    }

    private async Task<(Subject? Subject, string? Problem)> ValidateAsync(UInt128 key, string token, CancellationToken cancel)
    {
        TokenValidator.Outcome outcome;
        try
        {
            outcome = await validator.ValidateAsync(token, Audiences(live.Current), cancel);
        }
        catch (EntraUnavailableException)
        {
            return (null, "keys-unavailable");
        }
        if (outcome.Identity is null)
            return (null, outcome.Problem);
        // An id token has our client id as its audience too. Only an access token says which client it was given to, and for what.
        if (!outcome.Identity.HasClaim(static c => c.Type is "azp" or "appid") || !outcome.Identity.HasClaim(static c => c.Type is "scp" or "roles"))
            return (null, "not-an-access-token");
        if (Subjects.From(outcome.Identity.Claims, "bearer") is not { } subject)
            return (null, "no-object-id");
        if (revocations.Covers(subject.Key, outcome.Issued))
            return (null, "revoked");
        if (known.Count >= Capacity)
            MakeRoom();
        known[key] = new(subject, outcome.Issued, outcome.Expires);
        return (subject, null);
    }

    private static IEnumerable<string> Audiences(EntraOptions options) =>
        options.Audience is null && options.Audiences.Length == 0
            ? [options.ClientId, $"api://{options.ClientId}"]
            : options.Audience is { } one ? options.Audiences.Append(one) : options.Audiences;

    private void MakeRoom()
    {
        var now = time.GetUtcNow();
        foreach (var (key, entry) in known)
        {
            if (entry.Expires <= now)
                known.TryRemove(key, out _);
        }
        // Still full of valid ones: drop any quarter. They are verified once more, that is all.
        foreach (var key in known.Count < Capacity ? [] : known.Keys.Take(Capacity / 4))
            known.TryRemove(key, out _);
    }

    private static UInt128 KeyOf(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.UTF8.GetMaxByteCount(token.Length);
        var rented = length <= 8192 ? null : System.Buffers.ArrayPool<byte>.Shared.Rent(length);
        var buffer = rented ?? stackalloc byte[length];
        SHA256.HashData(buffer[..Encoding.UTF8.GetBytes(token, buffer)], hash);
        if (rented is not null)
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private readonly record struct Known(Subject Subject, DateTimeOffset Issued, DateTimeOffset Expires);
}
