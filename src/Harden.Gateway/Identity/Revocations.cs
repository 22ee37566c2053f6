using System.Collections.Concurrent;
using System.Globalization;
using Harden.Gateway.Identity.Sessions.Store;

namespace Harden.Gateway.Identity;

/// <summary>
/// Subjects of whom nothing that began before a certain time is good any more: sessions, and tokens issued until then. Kept in the state
/// directory, so that a restart forgets nothing, and shared with all replicas where there is a Redis.
/// </summary>
internal sealed partial class Revocations
{
    // Entra's access tokens live for 90 minutes at most by default and 24 hours at the longest; a session for 30 days.
    private static readonly TimeSpan Memory = TimeSpan.FromDays(31);

    // How far clocks of replicas may differ. What lies further ahead is a clock gone wrong, or somebody's who writes to Redis: taken as it is, it would
    // lock a person out until then, at every replica and beyond restarts.
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, DateTimeOffset> subjects = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly string file;
    private readonly SharedRevocations? shared;
    private readonly TimeProvider time;
    private readonly ILogger<Revocations> log;

    public Revocations(StateDirectory state, TimeProvider time, ILogger<Revocations> log, SharedRevocations? shared = null)
    {
        (this.time, this.log, this.shared) = (time, log, shared);
        file = Path.Combine(state.Of("revocations"), "subjects");
        Load();
        _ = shared?.HearAsync(Hear);
    }

    /// <summary>A subject was revoked, here or elsewhere.</summary>
    public event Action<string>? Revoked;

    /// <summary>Revokes a subject. They can sign in again: keeping them out is for Entra and the access rules.</summary>
    /// <param name="key"><see cref="Subject.Key"/>.</param>
    /// <returns>False if other replicas could not be told yet; they will be.</returns>
    public async Task<bool> RevokeAsync(string key)
    {
        var now = time.GetUtcNow();
        Hear(key, now);
        Log.Revoked(log, key);
        try
        {
            await (shared?.TellAsync(key, now) ?? Task.CompletedTask);
            return true;
        }
        catch (SessionStoreException)
        {
            return false; // the next exchange tells
        }
    }

    /// <summary>True if what began, or was issued, then is no longer good.</summary>
    public bool Covers(string key, DateTimeOffset began) =>
        !subjects.IsEmpty && subjects.TryGetValue(key, out var at) && began <= at;

    /// <summary>Learns what other replicas know and tells them what they don't: messages get lost, and Redis may have lost everything.</summary>
    /// <exception cref="SessionStoreException">Redis can't be asked.</exception>
    public async Task ExchangeAsync()
    {
        if (shared is null)
            return;
        var theirs = await shared.ReadAsync(time.GetUtcNow() - Memory);
        var latest = time.GetUtcNow() + Ahead;
        if (theirs.Count(pair => (pair.Value <= latest || !subjects.ContainsKey(pair.Key)) && Learn(pair.Key, pair.Value)) > 0)
            Save();
        foreach (var (subject, at) in subjects)
        {
            if (!theirs.TryGetValue(subject, out var known) || known < Whole(at))
                await shared.TellAsync(subject, at);
        }
    }

    private void Hear(string subject, DateTimeOffset at)
    {
        if (Learn(subject, at))
            Save();
    }

    private bool Learn(string subject, DateTimeOffset at)
    {
        at = Sane(at);
        if (subjects.TryGetValue(subject, out var known) && known >= at)
            return false;
        subjects.AddOrUpdate(subject, at, (_, other) => other > at ? other : at);
        Revoked?.Invoke(subject);
        return true;
    }

    private void Load()
    {
        if (!File.Exists(file))
            return;
        foreach (var line in File.ReadLines(file))
        {
            if (line.Split(' ', 2) is [var when, var subject] && long.TryParse(when, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is > 0 and < 253402300800000)
                subjects[subject] = Sane(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
        }
    }

    private void Save()
    {
        try
        {
            lock (gate)
            {
                foreach (var (subject, at) in subjects)
                {
                    if (time.GetUtcNow() - at > Memory)
                        subjects.TryRemove(subject, out _);
                }
                PrivateFile.Write(file, string.Concat(subjects.Select(static s => string.Create(CultureInfo.InvariantCulture, $"{s.Value.ToUnixTimeMilliseconds()} {s.Key}\n"))));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotSaved(log, file, e.Message);
        }
    }

    private DateTimeOffset Sane(DateTimeOffset at) => Whole(time.GetUtcNow() is var now && at - now > Ahead ? now : at);

    // Rounded up to what is stored, so that a token issued in the same millisecond is covered everywhere.
    private static DateTimeOffset Whole(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.AddTicks(TimeSpan.TicksPerMillisecond - 1).ToUnixTimeMilliseconds());

    private static partial class Log
    {
        [LoggerMessage(2030, LogLevel.Information, "Revoked \"{Subject}\": their sessions end, tokens issued until now are refused.")]
        public static partial void Revoked(ILogger log, string subject);

        [LoggerMessage(2031, LogLevel.Error, "A revocation is in force but could not be saved in \"{File}\", so a restart of this gateway would forget it: {Reason}")]
        public static partial void NotSaved(ILogger log, string file, string reason);
    }
}
