using System.Buffers;
using System.Globalization;

namespace Harden.Gateway;

/// <summary>What a name says of its value.</summary>
internal enum SecretName
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is a secret if it is text; a number under <c>max_tokens</c> is a count.</summary>
    Texts,

    /// <summary>It is a secret.</summary>
    Secret,
}

/// <summary>Tells from a name whether its value is a secret, in whatever style it is spelled: <c>api_key</c>, <c>apiKey</c>, <c>X-Api-Key</c>, <c>APIKEY</c>.</summary>
internal static class SecretNames
{
    private const int Longest = 128;

    // Found anywhere in a name, once separators are left out.
    private static readonly SearchValues<string> Stems = SearchValues.Create(
        [
            "password", "passwd", "passphrase", "passcode", "passwort", "kennwort", "secret", "authorization", "apikey", "accesskey", "accountkey", "privatekey", "signingkey", "encryptionkey",
            "masterkey", "sharedkey", "credential", "bearer", "signature", "cookie", "sessionid", "sessionkey", "csrf", "xsrf", "securitycode", "verificationcode", "recoverycode", "backupcode",
            "pincode", "mnemonic", "seedphrase", "cardnumber", "socialsecurity", "connectionstring", "token",
        ],
        StringComparison.Ordinal);

    // Found as a word of their own: too short for more.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Words =
        new HashSet<string>(["pwd", "pass", "pw", "pin", "otp", "totp", "cvv", "cvv2", "cvc", "cvc2", "csc", "ssn", "sig", "auth", "jwt", "sid", "psk"], StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What the name says of its value.</summary>
    public static SecretName Of(ReadOnlySpan<char> name)
    {
        if (name.Length > Longest)
            return SecretName.Secret; // no name
        Span<char> joined = stackalloc char[Longest];
        var length = 0;
        var word = 0;
        var before = 'A'; // the character before, of those that are seen
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c > 127 && char.GetUnicodeCategory(c) == UnicodeCategory.Format)
                continue; // not seen, so no end of a word
            var begins = !char.IsAsciiLetterOrDigit(c) || (char.IsAsciiLetterUpper(c) && !char.IsAsciiLetterUpper(before));
            before = c;
            if (begins)
            {
                if (IsWord(joined[word..length]))
                    return SecretName.Secret;
                word = length;
            }
            if (char.IsAsciiLetterOrDigit(c))
                joined[length++] = char.ToLowerInvariant(c);
        }
        if (IsWord(joined[word..length]))
            return SecretName.Secret;
        var rest = (ReadOnlySpan<char>)joined[..length];
        var found = SecretName.None;
        while (rest.IndexOfAny(Stems) is >= 0 and var at)
        {
            if (!rest[at..].StartsWith("tokens", StringComparison.Ordinal))
                return SecretName.Secret;
            found = SecretName.Texts;
            rest = rest[(at + 6)..];
        }
        return found;
    }

    private static bool IsWord(ReadOnlySpan<char> word) => word.Length is >= 2 and <= 4 && Words.Contains(word);
}
