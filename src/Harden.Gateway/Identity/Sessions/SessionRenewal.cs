using System.Collections.Concurrent;
using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.Sessions.Store;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// Keeps what is known of people from getting old. From <see cref="SessionOptions.RenewAfter"/> on Entra is asked in the background; from twice
/// that on a request waits for the answer. One renewal a session at a time, over all replicas: a refresh token is good for one use.
/// </summary>
internal sealed partial class SessionRenewal(
    ISessionStore store, SessionTable sessions, EntraRefresh entra, Live<SessionOptions> live, TimeProvider time, ILogger<SessionRenewal> log)
{
    private static readonly TimeSpan LongestRenewal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<UInt128, Task> running = new();

    /// <summary>True if what is known is recent enough.</summary>
    public bool IsFresh(Session session) =>
        live.Current.RenewAfter is var after && (after == TimeSpan.Zero || time.GetUtcNow() - session.State.ClaimsAt < after);

    /// <summary>The session with claims that are recent enough; null if it has ended over that.</summary>
    public ValueTask<Session?> FreshAsync(Session session) => IsFresh(session) ? new(session) : RenewAsync(session, time.GetUtcNow() - session.State.ClaimsAt, live.Current);

    private async ValueTask<Session?> RenewAsync(Session session, TimeSpan age, SessionOptions options)
    {
        if (session.State.RefreshToken is not null && time.GetUtcNow() >= session.RenewalRetry)
        {
            var renewal = running.GetOrAdd(session.Key.Number, static (_, work) => Task.Run(() => work.Renewal.RunAsync(work.Session)), (Renewal: this, Session: session));
            if (age >= options.RenewAfter * 2 || age >= options.MaxClaimsAge)
                await renewal;
            if (sessions.Of(session.Key.Number) is not { } now)
                return null;
            session = now;
        }
        if (time.GetUtcNow() - session.State.ClaimsAt < options.MaxClaimsAge)
            return session;
        await sessions.EndAsync(session.Key.Number, "claims-too-old");
        return null;
    }

    private async Task RunAsync(Session session)
    {
        string? token = null;
        try
        {
            token = await store.LockAsync(session.Key.Id, LongestRenewal);
            if (token is null)
                session.RenewalRetry = time.GetUtcNow() + TimeSpan.FromSeconds(1); // another replica is at it and will say so
            else if (await store.ReadAsync(session.Key) is not { } stored)
                sessions.Forget(session.Key.Number, "session-gone");
            else if (stored.State.Version > session.State.Version)
                sessions.Adopt(session, stored.State);
            else
                await AskAsync(session);
        }
        catch (SessionStoreException)
        {
            session.RenewalRetry = time.GetUtcNow() + RetryAfter;
        }
        catch (Exception e)
        {
            session.RenewalRetry = time.GetUtcNow() + RetryAfter; // such as a client certificate that can't be read any more: no fault of the person's
            Log.Failed(log, e);
        }
        finally
        {
            running.TryRemove(session.Key.Number, out _);
            await UnlockAsync(session, token);
        }
    }

    private async Task AskAsync(Session session)
    {
        var known = session.State;
        var answer = await entra.AskAsync(known.RefreshToken!);
        if (answer.Refusal is { } refusal)
        {
            Log.Refused(log, known.Subject.Key, refusal);
            await sessions.EndAsync(session.Key.Number, "account-refused");
        }
        else if (answer.Subject is not { } subject)
            session.RenewalRetry = time.GetUtcNow() + RetryAfter;
        else if (subject.Key != known.Subject.Key)
            await sessions.EndAsync(session.Key.Number, "account-changed");
        else
        {
            var state = known with { Subject = Rights.WithSignIn(subject, known.Subject), ClaimsAt = time.GetUtcNow(), RefreshToken = answer.RefreshToken ?? known.RefreshToken };
            var adopted = sessions.Adopt(session, state);
            if (!await store.ReplaceAsync(adopted.Key, state))
                sessions.Forget(adopted.Key.Number, "session-gone");
        }
    }

    private async Task UnlockAsync(Session session, string? token)
    {
        try
        {
            if (token is not null)
                await store.UnlockAsync(session.Key.Id, token);
        }
        catch (SessionStoreException)
        {
            // It opens by itself.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2061, LogLevel.Information, "Entra no longer vouches for \"{Subject}\" ({Reason}), so their session ends.")]
        public static partial void Refused(ILogger log, string subject, string reason);

        [LoggerMessage(2062, LogLevel.Error, "A session could not be renewed. It goes on with what is known until that is Session:MaxClaimsAge old.")]
        public static partial void Failed(ILogger log, Exception failure);
    }
}
