using System.Buffers;
using System.Numerics;

namespace Harden.Gateway;

/// <summary>
/// Finds secrets that begin in a known way: keys with the prefix of their maker, JWTs, private keys in PEM, credentials after their scheme, user information in
/// addresses, and values that stand after the name of a secret.
/// </summary>
internal static class SecretAnchors
{
    private const int ShortestRest = 8;
    private const int LongestName = 256; // in Basic, up to the colon
    private const int LongestAuthority = 512;

    // Told apart from longer words by what stands before them.
    private static readonly string[] WeakPrefixes = ["sk-", "SG.", "hf_", "key-"];

    private static readonly string[] StrongPrefixes =
    [
        "sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glrt-", "gldt-", "glcbt-", "glsoat-", "glft-", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.", "xoxc-",
        "xoxd-", "xapp-", "whsec_", "AKIA", "ASIA", "ABIA", "ACCA", "AIza", "ya29.", "GOCSPX-", "npm_", "pypi-", "dop_v1_", "doo_v1_", "shpat_", "shpss_", "shpca_", "hvs.", "dckr_pat_",
        "sq0csp-", "sq0atp-", "harden_", "eyJ", "LS0tLS1CRUdJTi", "AGE-SECRET-KEY-", "PMAK-", "rubygems_", "lin_api_", "xai-", "gsk_",
    ];

    private static readonly SecretWords Anchors = new(
        [
            "-----BEGIN", "bearer", "basic", "://", "<input", "<meta",
            "sk-", "SG.", "hf_", "pk_", "sk_", "rk_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glrt-", "gldt-", "glcbt-", "glsoat-", "glft-", "xox", "xapp-", "whsec_", "AKIA", "ASIA", "ABIA", "ACCA", "AIza", "ya29.", "GOCSPX-", "npm_", "pypi-", "dop_v1_", "doo_v1_", "shp",
            "hvs.", "dckr_pat_", "sq0", "harden_", "eyJ", "LS0tLS1CRUdJTi", "AGE-SECRET-KEY-", "PMAK-", "rubygems_", "lin_api_", "xai-", "gsk_",
            "pass", "kennwort", "secret", "auth", "key", "code", "credential", "sig", "cookie", "session", "csrf", "xsrf", "token", "pwd", "pin", "otp", "cvv", "cvc", "csc", "ssn", "jwt", "sid", "psk",
            "mnemonic", "seed", "social", "pw=", "pw:",
        ]);

    // What keys and tokens are made of.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=%:");

    private static readonly SearchValues<char> AuthorityEnds = SearchValues.Create("/?# \t\r\n\"'<>\\`");

    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t\r\n\"'<>\\`");

    /// <summary>The text has a word at which a secret may begin.</summary>
    /// <param name="text">Bytes of UTF-8, or characters.</param>
    public static bool AreIn<T>(ReadOnlySpan<T> text) where T : unmanaged, IBinaryInteger<T> => Anchors.First(text) >= 0;

    /// <summary>The first one that begins at or after a place.</summary>
    public static SecretFound? Find(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && Anchors.First(text[from..]) is >= 0 and var at)
        {
            from += at;
            var found = text[from] switch
            {
                '-' => PrivateKey(text, from),
                ':' => UserInformation(text, from + 3),
                '<' => Markup(text, from),
                _ => Prefixed(text, from) ?? Scheme(text, from) ?? SecretAssignment.Find(text, from),
            };
            if (found is not null)
                return found;
            from++;
        }
        return null;
    }

    // To its last line; to the end of the text if that is missing. Line breaks may be written as escapes, or be missing.
    private static SecretFound? PrivateKey(ReadOnlySpan<char> text, int at)
    {
        var footer = text[at..].IndexOf("-----END", StringComparison.Ordinal);
        if (footer < 0)
            return new(at, text.Length, "private-key");
        var rest = at + footer + 8;
        var last = text[rest..].IndexOf("-----", StringComparison.Ordinal);
        return new(at, last is < 0 or > 64 ? text.Length : rest + last + 5, "private-key");
    }

    private static SecretFound? Prefixed(ReadOnlySpan<char> text, int at)
    {
        var here = text[at..];
        var length = PrefixLength(here, StrongPrefixes);
        var isWeak = length == 0;
        if (isWeak && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1]) || IsEscape(text, at)))
            length = PrefixLength(here, WeakPrefixes);
        if (length == 0)
            return null;
        var rest = here[length..].IndexOfAnyExcept(TokenCharacters);
        var end = rest < 0 ? text.Length : at + length + rest;
        return end - at - length < ShortestRest || isWeak && !here[length..(end - at)].ContainsAnyInRange('0', '9') ? null : new(at, end, "credential");
    }

    private static int PrefixLength(ReadOnlySpan<char> text, string[] prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (text[0] == prefix[0] && text.StartsWith(prefix, StringComparison.Ordinal))
                return prefix.Length;
        }
        return 0;
    }

    // Bearer and anything; Basic and what decodes to a name and a password, because it is also an ordinary word.
    private static SecretFound? Scheme(ReadOnlySpan<char> text, int at)
    {
        var isBearer = text[at..].StartsWith("bearer", StringComparison.OrdinalIgnoreCase);
        if (!isBearer && !text[at..].StartsWith("basic", StringComparison.OrdinalIgnoreCase))
            return null;
        var after = at + (isBearer ? 6 : 5);
        var start = after;
        while (start < text.Length && start - after < 8 && (text[start] is ' ' or '\t' or '+' or ':' or '"' or '\'' || text[start..].StartsWith("%20", StringComparison.Ordinal)))
            start += text[start] == '%' ? 3 : 1;
        if (start == after)
            return null;
        if (!isBearer && !IsBasic(text[start..Math.Min(text.Length, start + LongestName)]))
            return null;
        var length = text[start..].IndexOfAnyExcept(TokenCharacters);
        var end = length < 0 ? text.Length : start + length;
        return isBearer && end - start < ShortestRest ? null : new(start, end, "credential");
    }

    private static bool IsBasic(ReadOnlySpan<char> value)
    {
        if (value.IndexOfAnyExcept(TokenCharacters) is >= 0 and var end)
            value = value[..end];
        value = value.TrimEnd('=');
        Span<byte> bytes = stackalloc byte[LongestName];
        value = value[..(value.Length / 4 * 4)];
        return value.Length >= 4 && Convert.TryFromBase64Chars(value, bytes, out var length) && bytes[..length].Contains((byte)':');
    }

    private static SecretFound? UserInformation(ReadOnlySpan<char> text, int at)
    {
        var rest = text[at..];
        var length = rest.IndexOfAny(AuthorityEnds);
        var authority = length < 0 ? rest : rest[..length];
        var end = authority.LastIndexOf('@');
        if (end < 0 && authority.IndexOf(':') is >= 0 and var colon && authority[(colon + 1)..].ContainsAnyExceptInRange('0', '9'))
        {
            // No port, so it is a password with a slash in it.
            rest = rest[..Math.Min(rest.Length, LongestAuthority)];
            var word = rest.IndexOfAny(WordEnds);
            end = (word < 0 ? rest : rest[..word]).LastIndexOf('@');
        }
        return end <= 0 ? null : new(at, at + end, "user-information");
    }

    // An element whose name or other attribute is that of a secret holds it in its value.
    private static SecretFound? Markup(ReadOnlySpan<char> text, int at)
    {
        var rest = text[(at + 1)..];
        var length = rest.IndexOfAny('<', '>');
        var element = length < 0 ? rest : rest[..length];
        var name = element.IndexOf(' ');
        if (name < 0)
            return null;
        foreach (var range in element[name..].SplitAny(" \t\r\n\"'="))
        {
            if (range.End.Value - range.Start.Value is > 2 and < 64 && SecretNames.Of(element[name..][range]) == SecretName.Secret)
                return new(at + 1 + name, at + 1 + element.Length, "secret-name");
        }
        return null;
    }

    /// <summary>The letters before are the end of an escape, not of a word.</summary>
    public static bool IsEscape(ReadOnlySpan<char> text, int at) =>
        at >= 2 && text[at - 2] == '\\' && text[at - 1] is 'n' or 'r' or 't'
        || at >= 3 && text[at - 3] == '%' && char.IsAsciiHexDigit(text[at - 2]) && char.IsAsciiHexDigit(text[at - 1]);
}
