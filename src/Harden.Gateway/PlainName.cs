namespace Harden.Gateway;

/// <summary>Tells names that programmers give from keys that are data, such as an e-mail address or the secret itself.</summary>
internal static class PlainName
{
    private const int Longest = 48;

    /// <summary>Letters, few digits and the usual punctuation of names.</summary>
    public static bool Is(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > Longest)
            return false;
        int digits = 0, changes = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            var isDigit = char.IsAsciiDigit(c);
            digits += isDigit ? 1 : 0;
            changes += i > 0 && (isDigit ? char.IsLetter(name[i - 1]) : char.IsLetter(c) && char.IsAsciiDigit(name[i - 1])) ? 1 : 0;
            if (!isDigit && !char.IsLetter(c) && c is not ('_' or '-' or '.' or '[' or ']' or '$' or ':') && (c != '@' || i > 0))
                return false;
        }
        return digits < 4 && changes < 4 && SecretShape.Of(name) is null;
    }
}
