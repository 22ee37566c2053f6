using System.ComponentModel.DataAnnotations;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>Section <c>Session</c>: how long a browser's sign-in lasts, where it is kept, and which pages may use it.</summary>
internal sealed class SessionOptions
{
    /// <summary>A session unused for this long ends, up to a minute sooner. A stream or WebSocket uses its session while bytes move on it. Default 2 hours.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>A session ends this long after sign-in, however much it is used. Default 12 hours.</summary>
    public TimeSpan AbsoluteTimeout { get; set; } = TimeSpan.FromHours(12);

    /// <summary>
    /// Sessions kept in memory at once, about 1 KiB each. Without Redis the one unused for longest ends beyond it; with Redis it only has to be
    /// read again. Default 100,000.
    /// </summary>
    [Range(1, 10_000_000, ErrorMessage = "must be between 1 and 10000000 sessions.")]
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>
    /// How long a replica relies on what Redis said of a session: the longest that a sign-out or revocation at another replica can take to
    /// have its effect here if its message was lost. Otherwise it takes milliseconds. Default 5 seconds; 1 to 60 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ErrorMessage = "must be between 00:00:01 and 00:01:00.", ParseLimitsInInvariantCulture = true)]
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request may wait for Redis. Default 1 second; 10 ms to 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:05", ErrorMessage = "must be between 00:00:00.010 and 00:00:05.", ParseLimitsInInvariantCulture = true)]
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What happens while Redis can't be asked for sessions: <c>Deny</c> (the default) answers 503 as soon as <see cref="CheckInterval"/> is over,
    /// and ends streams; <c>Local</c> goes on with the sessions that this replica knows, for <see cref="LocalLimit"/>. Nobody can sign in.
    /// </summary>
    public SessionStoreFailure OnStoreFailure { get; set; }

    /// <summary>For <c>Local</c>: how long a session is used after Redis last confirmed it. Default 15 minutes; 1 minute to 12 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "12:00:00", ErrorMessage = "must be between 00:01:00 and 12:00:00.", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LocalLimit { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How old roles, groups and the rest of what Entra said of a person may get before Entra is asked again, with a refresh token. A disabled
    /// account loses its sessions then. Default 30 minutes; 1 minute to 12 hours, or 0 to ask for no refresh token and keep what sign-in said.
    /// </summary>
    public TimeSpan RenewAfter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>While Entra can't be reached, a session goes on with what was known until it is this old, and then ends. Default 4 hours.</summary>
    public TimeSpan MaxClaimsAge { get; set; } = TimeSpan.FromHours(4);

    /// <summary>
    /// Encrypts the keys that are kept in Redis, so that whoever reads and writes Redis can't make sessions: at least 32 characters, the same for
    /// every replica, from a secret store. Needed where there is a Redis, except in Development. Default: none.
    /// </summary>
    public string? KeySecret { get; set; }

    /// <summary>
    /// <c>Sealed</c> (the default) demands <see cref="KeySecret"/> outside Development; with <c>Plain</c> the keys may lie in Redis as they are, and
    /// whoever can write there can make a session for anyone.
    /// </summary>
    public KeysInRedis KeysInRedis { get; set; }

    /// <summary>
    /// Other origins, such as <c>https://forms.example.com</c>, whose pages may send unsafe requests and open WebSockets with a person's
    /// session. Default: none but the app's own.
    /// </summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>What annotations can't say.</summary>
    /// <param name="options">The options.</param>
    /// <param name="problems">What is wrong with them.</param>
    /// <param name="exposed">The keys are where others may be too: in Redis, outside Development.</param>
    public static void Validate(SessionOptions options, Problems problems, bool exposed)
    {
        if (options.IdleTimeout < TimeSpan.FromMinutes(1))
            problems.Add("Session:IdleTimeout", "must be at least 00:01:00.");
        if (options.AbsoluteTimeout < options.IdleTimeout)
            problems.Add("Session:AbsoluteTimeout", $"must be at least IdleTimeout ({options.IdleTimeout}).");
        if (options.AbsoluteTimeout > TimeSpan.FromDays(30))
            problems.Add("Session:AbsoluteTimeout", "must be at most 30.00:00:00 (30 days).");
        if (options.RenewAfter != TimeSpan.Zero && (options.RenewAfter < TimeSpan.FromMinutes(1) || options.RenewAfter > TimeSpan.FromHours(12)))
            problems.Add("Session:RenewAfter", "must be between 00:01:00 and 12:00:00, or 00:00:00 for no renewal.");
        if (options.MaxClaimsAge < options.RenewAfter)
            problems.Add("Session:MaxClaimsAge", $"must be at least RenewAfter ({options.RenewAfter}).");
        if (exposed && string.IsNullOrEmpty(options.KeySecret) && options.KeysInRedis == KeysInRedis.Sealed)
            problems.Add("Session:KeySecret", "is missing, so whoever can write to the Redis of ConnectionStrings:redis could make a session for anyone. Set it, the same for every replica, to the output of: openssl rand -base64 32. If nobody but the gateways reaches that Redis, Session:KeysInRedis may be Plain instead.");
        else if (options.KeySecret is { Length: > 0 and < 32 })
            problems.Add("Session:KeySecret", "must have at least 32 characters, such as the output of: openssl rand -base64 32");
        for (var i = 0; i < options.AllowedOrigins.Length; i++)
        {
            if (!OriginText.IsOrigin(options.AllowedOrigins[i]))
                problems.Add($"Session:AllowedOrigins:{i}", "must be an origin as browsers send it, such as https://forms.example.com: scheme, host and no path.");
        }
    }
}

/// <summary>What happens while Redis can't be asked for sessions.</summary>
internal enum SessionStoreFailure
{
    /// <summary>503.</summary>
    Deny,

    /// <summary>Sessions known at this replica are used for a while.</summary>
    Local,
}

/// <summary>How the keys lie in Redis.</summary>
internal enum KeysInRedis
{
    /// <summary>Encrypted.</summary>
    Sealed,

    /// <summary>As they are, unless there is a secret.</summary>
    Plain,
}
