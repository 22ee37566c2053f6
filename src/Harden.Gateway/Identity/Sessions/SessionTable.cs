using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity.Sessions;

/// <summary>
/// The sessions there are, by the hash of the handle that the browser holds: who reads this table can't act as anyone. Bounded; what
/// has expired is dropped when it is asked for, and in a sweep now and then.
/// </summary>
internal sealed class SessionTable : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<UInt128, Session> sessions = new();
    private readonly Live<SessionOptions> live;
    private readonly TimeProvider time;
    private readonly ITimer expiry;
    private long swept;

    public SessionTable(Live<SessionOptions> live, TimeProvider time)
    {
        (this.live, this.time) = (live, time);
        // A stream asks once and then no more, so nobody would notice that its session is over.
        expiry = time.CreateTimer(static table => ((SessionTable)table!).Expire(), this, SweepInterval, SweepInterval);
    }

    /// <summary>How many there are, expired ones included until they are swept.</summary>
    public int Count => sessions.Count;

    /// <summary>Keeps a session under the hash of its handle.</summary>
    public void Add(string handle, Session session)
    {
        Sweep();
        sessions[KeyOf(handle)] = session;
    }

    /// <summary>The session of a handle, if it is still good; notes the use.</summary>
    public Session? Find(string handle)
    {
        if (!sessions.TryGetValue(KeyOf(handle), out var session))
            return null;
        var now = time.GetUtcNow();
        if (IsOver(session, now))
        {
            Remove(handle);
            return null;
        }
        session.Touch(now);
        return session;
    }

    /// <summary>Ends one session: at once, also for what is running on it.</summary>
    public void Remove(string handle)
    {
        if (sessions.TryRemove(KeyOf(handle), out var session))
            session.End();
    }

    /// <summary>Ends every session that fits, such as all of one subject.</summary>
    /// <returns>How many.</returns>
    public int RemoveWhere(Func<Session, bool> fits)
    {
        var ended = 0;
        foreach (var (key, session) in sessions)
        {
            if (fits(session) && sessions.TryRemove(key, out _))
            {
                session.End();
                ended++;
            }
        }
        return ended;
    }

    public void Dispose() => expiry.Dispose();

    private void Expire()
    {
        var now = time.GetUtcNow();
        RemoveWhere(session => now >= session.Expires);
    }

    private bool IsOver(Session session, DateTimeOffset now) =>
        now >= session.Expires || now - session.LastUsed >= live.Current.IdleTimeout;

    private void Sweep()
    {
        var now = time.GetUtcNow();
        var last = Volatile.Read(ref swept);
        var full = sessions.Count >= live.Current.MaxSessions;
        if ((!full && now.UtcTicks - last < SweepInterval.Ticks) || Interlocked.CompareExchange(ref swept, now.UtcTicks, last) != last)
            return;
        RemoveWhere(session => IsOver(session, now));
        var surplus = sessions.Count - live.Current.MaxSessions + 1;
        if (surplus <= 0)
            return;
        // A hundredth at a time, so that a full table isn't sorted at each sign-in.
        foreach (var (key, session) in sessions.ToArray().OrderBy(static s => s.Value.LastUsed).Take(Math.Max(surplus, live.Current.MaxSessions / 100)))
        {
            if (sessions.TryRemove(key, out _))
                session.End();
        }
    }

    private static UInt128 KeyOf(string handle)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> text = stackalloc byte[SessionCookie.HandleLength];
        Encoding.ASCII.GetBytes(handle, text);
        SHA256.HashData(text, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
