using System.Globalization;

namespace Harden.Cli.Keys;

/// <summary>Times as people type them.</summary>
internal static class KeyTimes
{
    /// <summary>Days from now, such as <c>90d</c>, or a date, such as <c>2026-12-31</c>, which ends when it begins (UTC).</summary>
    /// <exception cref="HostProblem">It is neither, or in the past.</exception>
    public static DateTimeOffset ParseExpiry(string text, DateTimeOffset now)
    {
        DateTimeOffset? until = null;
        if (text.EndsWith('d') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 3650)
            until = now.AddDays(days);
        else if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            until = date;
        return until > now ? until.Value : throw new HostProblem($"\"{text}\" is not a time to come. Give days from now such as 90d (up to 3650d), or a date such as {now.AddDays(90):yyyy-MM-dd}.");
    }
}
