using System.Text;

namespace Harden.Gateway;

/// <summary>
/// Recognises credentials by their shape, in fields that are recorded: the second line behind allow-lists, never the only one.
/// One pass over the value, no backtracking.
/// </summary>
internal static class SecretShape
{
    private static readonly string[] Prefixes =
    [
        "sk_live_", "sk_test_", "rk_live_", "pk_live_", "sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-",
        "AKIA", "ASIA", "AIza", "ya29.", "npm_", "SG.", "hf_", "dop_v1_", "shpat_", "eyJ", "-----BEGIN", "Bearer ", "Basic ", "AccountKey=", "Password=", "Pwd=",
    ];

    /// <summary>The rule that recognises a credential in the value; null if none does.</summary>
    public static string? Of(ReadOnlySpan<char> value)
    {
        if (value.Length < 13)
            return null;
        foreach (var prefix in Prefixes)
        {
            if (value.Length >= prefix.Length + 8 && value.IndexOf(prefix, StringComparison.Ordinal) is >= 0 and var at && (at == 0 || !char.IsAsciiLetterOrDigit(value[at - 1])))
                return "credential";
        }
        return IsCard(value) ? "card-number" : HasToken(value) ? "token" : null;
    }

    /// <summary>A path in which a star stands for every segment that looks like a credential.</summary>
    /// <param name="path">The path.</param>
    /// <param name="found">Told the rule of each.</param>
    public static string Mask(string path, Action<string>? found = null)
    {
        var result = new StringBuilder();
        foreach (var range in path.AsSpan().Split('/'))
        {
            var segment = path.AsSpan()[range];
            if (range.Start.Value > 0)
                result.Append('/');
            if (Of(segment) is { } rule)
            {
                found?.Invoke(rule);
                result.Append('*');
            }
            else
                result.Append(segment);
        }
        // A secret that runs over a slash, as base64 can: nothing of it is safe to show.
        return Of(result.ToString()) is null ? result.ToString() : "*";
    }

    // A run of 32 or more characters as encoders of random bytes make them: letters and digits mixed. UUIDs are names, not secrets.
    private static bool HasToken(ReadOnlySpan<char> value)
    {
        var start = 0;
        for (var i = 0; i <= value.Length; i++)
        {
            if (i < value.Length && (char.IsAsciiLetterOrDigit(value[i]) || value[i] is '_' or '-' or '+' or '='))
                continue;
            if (i - start >= 32 && LooksRandom(value[start..i]))
                return true;
            start = i + 1;
        }
        return false;
    }

    private static bool LooksRandom(ReadOnlySpan<char> run)
    {
        if (run.Length == 36 && Guid.TryParseExact(run, "D", out _))
            return false;
        int digits = 0, upper = 0, lower = 0, breaks = 0;
        foreach (var c in run)
        {
            if (char.IsAsciiDigit(c))
                digits++;
            else if (char.IsAsciiLetterUpper(c))
                upper++;
            else if (char.IsAsciiLetterLower(c))
                lower++;
            else
                breaks++;
        }
        // Words joined by dashes have few digits and many breaks; dates and counters have no letters.
        return digits >= 3 && upper + lower >= 3 && breaks * 8 < run.Length;
    }

    private static bool IsCard(ReadOnlySpan<char> value)
    {
        Span<byte> digits = stackalloc byte[19];
        var count = 0;
        for (var i = 0; i <= value.Length; i++)
        {
            var c = i < value.Length ? value[i] : 'x';
            if (char.IsAsciiDigit(c))
            {
                if (count == digits.Length)
                    return false; // longer than any card number
                digits[count++] = (byte)(c - '0');
            }
            else if (c is not (' ' or '-') || count == 0)
            {
                if (count is >= 13 && Luhn(digits[..count]))
                    return true;
                count = 0;
            }
        }
        return false;
    }

    private static bool Luhn(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[digits.Length - 1 - i];
            sum += i % 2 == 0 ? digit : digit > 4 ? (digit * 2) - 9 : digit * 2;
        }
        return sum % 10 == 0 && digits[0] != 0;
    }
}
