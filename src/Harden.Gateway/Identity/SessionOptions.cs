using System.ComponentModel.DataAnnotations;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Identity;

/// <summary>Section <c>Session</c>: how long a browser's sign-in lasts and which pages may use it.</summary>
internal sealed class SessionOptions
{
    /// <summary>A session unused for this long ends. Default 2 hours.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>A session ends this long after sign-in, however much it is used. Default 12 hours.</summary>
    public TimeSpan AbsoluteTimeout { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Sessions kept at once; beyond it the one unused for longest ends. Default 100,000, about 1 KiB each.</summary>
    [Range(1, 10_000_000, ErrorMessage = "must be between 1 and 10000000 sessions.")]
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>
    /// Other origins, such as <c>https://forms.example.com</c>, whose pages may send unsafe requests and open WebSockets with a person's
    /// session. Default: none but the app's own.
    /// </summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>What annotations can't say.</summary>
    public static void Validate(SessionOptions options, Problems problems)
    {
        if (options.IdleTimeout < TimeSpan.FromMinutes(1))
            problems.Add("Session:IdleTimeout", "must be at least 00:01:00.");
        if (options.AbsoluteTimeout < options.IdleTimeout)
            problems.Add("Session:AbsoluteTimeout", $"must be at least IdleTimeout ({options.IdleTimeout}).");
        if (options.AbsoluteTimeout > TimeSpan.FromDays(30))
            problems.Add("Session:AbsoluteTimeout", "must be at most 30.00:00:00 (30 days).");
        for (var i = 0; i < options.AllowedOrigins.Length; i++)
        {
            if (!Uri.TryCreate(options.AllowedOrigins[i], UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
                problems.Add($"Session:AllowedOrigins:{i}", "must be an origin such as https://forms.example.com, without path.");
        }
    }
}
