using System.Collections.Concurrent;
using Harden.Gateway.Identity.Sessions;

namespace Harden.Gateway.Identity;

/// <summary>Ends what a subject may still do: their sessions at once, with what runs on them, and every token issued until now.</summary>
internal sealed partial class Revocations(SessionTable sessions, TimeProvider time, ILogger<Revocations> log)
{
    // Entra's access tokens live for 90 minutes at most by default and 24 hours at the longest.
    private static readonly TimeSpan LongestToken = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, DateTimeOffset> subjects = new(StringComparer.Ordinal);

    /// <summary>Revokes a subject. They can sign in again: keeping them out is for Entra and the access rules.</summary>
    /// <param name="key"><see cref="Subject.Key"/>.</param>
    /// <returns>How many sessions ended.</returns>
    public int Revoke(string key)
    {
        var now = time.GetUtcNow();
        foreach (var (subject, at) in subjects)
        {
            if (now - at > LongestToken)
                subjects.TryRemove(subject, out _);
        }
        subjects[key] = now;
        var ended = sessions.RemoveWhere(session => session.Subject.Key == key);
        Log.Revoked(log, key, ended);
        return ended;
    }

    /// <summary>True if a token issued then is no longer good.</summary>
    public bool Covers(string key, DateTimeOffset issued) =>
        !subjects.IsEmpty && subjects.TryGetValue(key, out var at) && issued <= at;

    private static partial class Log
    {
        [LoggerMessage(2030, LogLevel.Information, "Revoked \"{Subject}\": {Sessions} sessions ended, tokens issued until now are refused.")]
        public static partial void Revoked(ILogger log, string subject, int sessions);
    }
}
