namespace Harden.Gateway;

/// <summary>Finds numbers of payment cards, by Luhn's check, length and first digit, and of bank accounts (IBAN), also written in groups.</summary>
internal static class SecretDigits
{
    private const int Longest = 19;

    /// <summary>The first one that begins at or after a place.</summary>
    public static SecretFound? Find(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && text[from..].IndexOfAnyInRange('0', '9') is >= 0 and var at)
        {
            var start = from + at;
            from = EndOfGroup(text, start);
            if (start >= 2 && char.IsAsciiLetterUpper(text[start - 1]) && char.IsAsciiLetterUpper(text[start - 2]) && Iban(text, start - 2) is > 0 and var iban)
                return new(start - 2, iban, "iban");
            if (Card(text, start, from) is > 0 and var end)
                return new(start, end, "card-number");
        }
        return null;
    }

    // The end of the card number that begins here; 0 if none does. Looks at no more than 19 digits.
    private static int Card(ReadOnlySpan<char> text, int start, int end)
    {
        Span<byte> digits = stackalloc byte[Longest];
        var count = 0;
        for (var first = true; ; first = false)
        {
            var length = end - start;
            if (count + length > Longest)
                return 0;
            foreach (var c in text[start..end])
                digits[count++] = (byte)(c - '0');
            if (first ? count >= 13 : length is >= 3 and <= 8 && count >= 13)
            {
                if (IsCard(digits[..count]))
                    return end;
            }
            if (length is < 3 or > 8)
                return 0; // no card is written in such groups
            start = end;
            while (start < text.Length && start < end + 3 && IsSeparator(text[start]))
                start++;
            if (start == end || start == text.Length || !char.IsAsciiDigit(text[start]))
                return 0;
            end = EndOfGroup(text, start);
        }
    }

    private static bool IsCard(ReadOnlySpan<byte> digits) => Luhn(digits) && (digits[0], digits.Length) switch
    {
        (4, _) => true,
        (3, >= 14) => true,
        (2 or 5 or 6, >= 16) => true,
        _ => false,
    };

    private static bool IsSeparator(char c) => c is ' ' or '-' or '.' or '+' or '_' or '\u00a0' or '\u2009' or '\u202f';

    private static int EndOfGroup(ReadOnlySpan<char> text, int start)
    {
        var length = text[start..].IndexOfAnyExceptInRange('0', '9');
        return length < 0 ? text.Length : start + length;
    }

    private static bool Luhn(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[digits.Length - 1 - i];
            sum += i % 2 == 0 ? digit : digit > 4 ? (digit * 2) - 9 : digit * 2;
        }
        return sum % 10 == 0;
    }

    // ISO 13616: the first four characters move to the end, letters count as 10 to 35, the remainder by 97 is 1. The end of the longest; 0 if there is none.
    private static int Iban(ReadOnlySpan<char> text, int start)
    {
        if (start > 0 && char.IsAsciiLetterOrDigit(text[start - 1]) || start + 4 > text.Length || !char.IsAsciiDigit(text[start + 3]))
            return 0;
        var (end, count, remainder) = (0, 4, 0);
        for (var i = start + 4; i < text.Length && count < 34; i++)
        {
            var c = text[i];
            if (c == ' ' && text[i - 1] != ' ')
                continue;
            if (!char.IsAsciiDigit(c) && !char.IsAsciiLetterUpper(c))
                break;
            remainder = Remainder(remainder, c);
            count++;
            if (count >= 15 && (i + 1 == text.Length || !char.IsAsciiLetterOrDigit(text[i + 1])) && Remainder(Remainder(Remainder(Remainder(remainder, text[start]), text[start + 1]), text[start + 2]), text[start + 3]) == 1)
                end = i + 1;
        }
        return end;
    }

    private static int Remainder(int before, char c) => char.IsAsciiDigit(c) ? ((before * 10) + c - '0') % 97 : ((before * 100) + c - 'A' + 10) % 97;
}
