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
internal sealed class BearerTokens : IDisposable
{
    private const int Capacity = 20_000;

    private static readonly TimeSpan Often = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<UInt128, KnownToken> known = new();
    private readonly TokenValidator validator;
    private readonly Revocations revocations;
    private readonly Live<EntraOptions> live;
    private readonly TimeProvider time;
    private readonly ITimer watch;

    public BearerTokens(TokenValidator validator, Revocations revocations, Live<EntraOptions> live, TimeProvider time)
    {
        (this.validator, this.revocations, this.live, this.time) = (validator, revocations, live, time);
        revocations.Revoked += End;
        watch = time.CreateTimer(static tokens => ((BearerTokens)tokens!).EndOld(), this, Often, Often);
    }

    /// <summary>Finds out whose the token is and serves them; a caller whose token isn't accepted is nobody.</summary>
    public async Task ServeAsync(HttpContext context, string token, RequestDelegate next)
    {
        var scope = RequestScope.Of(context);
        KnownToken? caller;
        do
        {
            (caller, scope.TokenProblem) = await FindAsync(token, context.RequestAborted);
        }
        while (caller is not null && !caller.Mount());
        if (caller is null)
        {
            await next(context);
            return;
        }
        scope.Subject = caller.Subject;
        try
        {
            // A stream or WebSocket outlives the check at its start, so the token's end, or a revocation, has to end it too.
            await using var ending = caller.Ended.UnsafeRegister(static state =>
            {
                var (context, scope, caller) = ((HttpContext, RequestScope, KnownToken))state!;
                scope.Decision = scope.Decision with { Action = DecisionAction.Deny, Reason = caller.EndReason ?? "token-ended" };
                context.Abort();
            }, (context, scope, caller));
            await next(context);
        }
        finally
        {
            caller.Dismount();
        }
    }

    public void Dispose()
    {
        revocations.Revoked -= End;
        watch.Dispose();
    }

    // The caller, or why the token isn't accepted in a stable word.
    private ValueTask<(KnownToken? Caller, string? Problem)> FindAsync(string token, CancellationToken cancel)
    {
        var key = KeyOf(token);
        var options = live.Current;
        if (known.TryGetValue(key, out var found) && found.Expires > time.GetUtcNow() && ReferenceEquals(found.Options, options) && options.Admits(found.Subject.Tenant) && !revocations.Covers(found.Subject.Key, found.Issued))
            return new((found, null));
        return new(ValidateAsync(key, token, cancel));
    }

    private async Task<(KnownToken? Caller, string? Problem)> ValidateAsync(UInt128 key, string token, CancellationToken cancel)
    {
        var options = live.Current;
        TokenValidator.Outcome outcome;
        try
        {
            outcome = await validator.ValidateAsync(token, Audiences(options), cancel);
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
        // A token that is in use stays the same entry, so that all that runs on it can be found.
        var caller = known.AddOrUpdate(key, static (_, next) => next, static (_, old, next) => old.IsInUse && !old.Ended.IsCancellationRequested ? old : next, new KnownToken(subject, outcome.Issued, outcome.Expires, options));
        caller.Options = options;
        return revocations.Covers(subject.Key, outcome.Issued) ? (null, "revoked") : (caller, null); // once more: from now on a revocation finds it, a moment ago it did not
    }

    private void End(string subject)
    {
        foreach (var (_, entry) in known)
        {
            if (entry.Subject.Key == subject && revocations.Covers(subject, entry.Issued))
                entry.End("revoked");
        }
    }

    // A stream asks once and then no more, so nobody would notice that its token is over, or its tenant no longer admitted.
    private void EndOld()
    {
        var (options, now) = (live.Current, time.GetUtcNow());
        foreach (var (key, entry) in known)
        {
            var reason = now - options.ClockSkew >= entry.Expires ? "token-expired" : options.Admits(entry.Subject.Tenant) ? null : "tenant-not-allowed";
            if (reason is null || !known.TryRemove(KeyValuePair.Create(key, entry)))
                continue;
            entry.End(reason);
        }
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
            if (entry.Expires <= now && entry.Retire())
                known.TryRemove(KeyValuePair.Create(key, entry));
        }
        // Still full of valid ones: drop any quarter. They are verified once more, that is all.
        foreach (var (key, entry) in known.Count < Capacity ? [] : known.Where(static k => k.Value.Retire()).Take(Capacity / 4))
            known.TryRemove(KeyValuePair.Create(key, entry));
    }

    private static UInt128 KeyOf(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.UTF8.GetMaxByteCount(token.Length);
        var rented = length <= 8192 ? null : System.Buffers.ArrayPool<byte>.Shared.Rent(length);
        var buffer = rented ?? stackalloc byte[length];
        SHA256.HashData(buffer[..Encoding.UTF8.GetBytes(token, buffer)], hash);
        if (rented is not null)
            System.Buffers.ArrayPool<byte>.Shared.Return(rented, clearArray: true); // another renter must not find a token here
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
