using System.Numerics;

namespace Harden.Gateway;

/// <summary>
/// Finds the first of many words in a text, in whatever case they are written. At each place three characters are looked up in a table that fits the nearest
/// cache; only where that says yes are words compared. <c>SearchValues</c> took 15 times as long: with so many short words nearly every place looks to it like the beginning of one.
/// </summary>
internal sealed class SecretWords
{
    private const int KeyLength = 3;
    private const int TableBits = 12;

    private readonly byte[] table = new byte[1 << TableBits]; // 0, or one more than the place in candidates
    private readonly string[][] candidates;

    /// <param name="words">Words in ASCII of three characters or more.</param>
    public SecretWords(params IEnumerable<string> words)
    {
        candidates = [.. words.GroupBy(static word => Slot(Fold(word[0]) | (Fold(word[1]) << 8) | (Fold(word[2]) << 16))).Select(static group => group.ToArray())];
        for (var i = 0; i < candidates.Length; i++)
        {
            var word = candidates[i][0];
            table[Slot(Fold(word[0]) | (Fold(word[1]) << 8) | (Fold(word[2]) << 16))] = checked((byte)(i + 1));
        }
    }

    /// <summary>Where the first one begins; -1 if there is none.</summary>
    /// <param name="text">Bytes of UTF-8, or characters.</param>
    public int First<T>(ReadOnlySpan<T> text) where T : unmanaged, IBinaryInteger<T>
    {
        if (text.Length < KeyLength)
            return -1;
        var key = (Fold(text[0]) << 8) | (Fold(text[1]) << 16);
        for (var i = KeyLength - 1; i < text.Length; i++)
        {
            key = (key >> 8) | (Fold(text[i]) << 16);
            if (table[Slot(key)] is not 0 and var found && IsAny(text[(i - KeyLength + 1)..], candidates[found - 1]))
                return i - KeyLength + 1;
        }
        return -1;
    }

    private static bool IsAny<T>(ReadOnlySpan<T> text, string[] words) where T : unmanaged, IBinaryInteger<T>
    {
        foreach (var word in words)
        {
            if (Begins(text, word))
                return true;
        }
        return false;
    }

    private static bool Begins<T>(ReadOnlySpan<T> text, string word) where T : unmanaged, IBinaryInteger<T>
    {
        if (text.Length < word.Length)
            return false;
        for (var i = 0; i < word.Length; i++)
        {
            var c = uint.CreateTruncating(text[i]);
            if (c != word[i] && !(char.IsAsciiLetter(word[i]) && (c | 0x20) == (word[i] | 0x20u)))
                return false;
        }
        return true;
    }

    // Not exact, for what isn't a letter: what is found is compared anyway.
    private static uint Fold<T>(T c) where T : unmanaged, IBinaryInteger<T> => byte.CreateTruncating(c) | 0x20u;

    private static uint Slot(uint key) => (key * 0x9e3779b1) >> (32 - TableBits);
}
