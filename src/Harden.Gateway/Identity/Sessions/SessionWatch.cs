using Harden.Gateway.Configuration;
using Harden.Gateway.Identity.Keys;
using Harden.Gateway.Identity.Sessions.Store;
using Microsoft.AspNetCore.DataProtection;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// Does every second what no request does: ends what is over, also for streams that ask for nothing more; checks and renews sessions that
/// only a stream uses; tells and asks the other replicas what got lost on the way.
/// </summary>
internal sealed partial class SessionWatch(
    SessionTable sessions, ISessionStore store, SessionRenewal renewal, EndedSessions ended, Revocations revocations, Live<SessionOptions> live,
    Live<EntraOptions> entra, TimeProvider time, IDataProtectionProvider protection, ILogger<SessionWatch> log, RedisKeyRepository? keys = null) : IHostedService, IDisposable
{
    private static readonly TimeSpan Unused = TimeSpan.FromMinutes(10);

    private ITimer? timer;
    private int running;
    private DateTimeOffset lastExchange = DateTimeOffset.MinValue;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The first protection reads or makes the keys, and much is compiled; the first person need not wait for that.
        _ = Task.Run(() => protection.CreateProtector("warm").Protect([]), cancellationToken);
        timer = time.CreateTimer(static watch => _ = ((SessionWatch)watch!).RunAsync(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        timer?.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => timer?.Dispose();

    private async Task RunAsync()
    {
        if (Interlocked.Exchange(ref running, 1) == 1)
            return;
        try
        {
            var (now, options, tenants) = (time.GetUtcNow(), live.Current, entra.Current);
            ended.Save();
            await Task.WhenAll(sessions.Known.Select(session => LookAsync(session, now, options, tenants)).Where(static look => !look.IsCompletedSuccessfully));
            await ExchangeAsync(now, options);
        }
        catch (Exception e)
        {
            Log.Failed(log, e); // in a second again
        }
        finally
        {
            Volatile.Write(ref running, 0);
        }
    }

    private Task LookAsync(Session session, DateTimeOffset now, SessionOptions options, EntraOptions tenants)
    {
        if (!tenants.Admits(session.Subject.Tenant))
            return sessions.EndAsync(session.Key.Number, "tenant-not-allowed");
        if (now >= session.State.Expires)
            return sessions.EndAsync(session.Key.Number, "session-expired");
        if (session.IsRidden)
            return now - session.ConfirmedAt >= options.CheckInterval / 2 || sessions.IsOver(session, now) ? CheckAsync(session, now, options) : Task.CompletedTask;
        if (now - session.LastUsed >= Unused || sessions.IsOver(session, now))
            sessions.Drop(session); // the store knows how long it may still be used
        return Task.CompletedTask;
    }

    private async Task CheckAsync(Session session, DateTimeOffset now, SessionOptions options)
    {
        try
        {
            if (!await sessions.CheckAsync(session))
                return;
            if (sessions.IsOver(session, time.GetUtcNow())) // now that uses elsewhere are known
                await sessions.EndAsync(session.Key.Number, "session-idle");
            else
                _ = renewal.FreshAsync(session).AsTask(); // Entra may take its time: the checks of others don't wait for it
        }
        catch (SessionStoreException)
        {
            if (now - session.ConfirmedAt >= options.CheckInterval)
                sessions.Lapse(session);
        }
    }

    private async Task ExchangeAsync(DateTimeOffset now, SessionOptions options)
    {
        try
        {
            foreach (var (session, reason) in ended.Owed)
            {
                await store.RemoveAsync(SessionKey.Text(session), reason);
                ended.Settle(session);
            }
            if (now - lastExchange < options.CheckInterval)
                return;
            await revocations.ExchangeAsync();
            await (keys?.RestoreAsync() ?? Task.CompletedTask);
            lastExchange = now;
        }
        catch (SessionStoreException)
        {
            // In a second again.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2070, LogLevel.Error, "Looking after sessions failed and is tried again.")]
        public static partial void Failed(ILogger log, Exception failure);
    }
}
