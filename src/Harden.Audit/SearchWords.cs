namespace Harden.Audit;

/// <summary>
/// What counts as a word when the record is searched: a run of letters and digits, in small letters, at most 64 long. One definition for all stores, so that
/// the same question has the same answer everywhere.
/// </summary>
internal static class SearchWords
{
    /// <summary>Longer words are known by their beginning.</summary>
    public const int Longest = 64;

    /// <summary>The words of a text, in order.</summary>
    public static List<string> Of(string text)
    {
        List<string> words = [];
        for (var rest = text.AsSpan(); Next(ref rest, out var word);)
            words.Add(Lower(word));
        return words;
    }

    /// <summary>The next word; false if there is none.</summary>
    public static bool Next(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> word)
    {
        var from = 0;
        while (from < rest.Length && !char.IsLetterOrDigit(rest[from]))
            from++;
        var to = from;
        while (to < rest.Length && char.IsLetterOrDigit(rest[to]))
            to++;
        word = rest[from..to];
        rest = rest[to..];
        if (word.Length > Longest)
            word = word[..Longest];
        return word.Length > 0;
    }

    /// <summary>True if each word of the question begins a word of one of the fields.</summary>
    public static bool AllBegin(string question, params ReadOnlySpan<string?> fields)
    {
        for (var rest = question.AsSpan(); Next(ref rest, out var word);)
        {
            var found = false;
            foreach (var field in fields)
                found = found || Begins(word, field);
            if (!found)
                return false;
        }
        return true;
    }

    /// <summary>True for what can only be a request id or a trace id: 32 hexadecimal digits.</summary>
    public static bool IsId(ReadOnlySpan<char> text) => text.Length == 32 && !text.ContainsAnyExcept("0123456789abcdefABCDEF");

    /// <summary>True for what can be the object id of a person: a GUID with its hyphens. Such are looked up whole; their parts are no words.</summary>
    public static bool IsSubject(ReadOnlySpan<char> text) => Guid.TryParseExact(text, "D", out _);

    /// <summary>In small letters, whatever the language of the machine.</summary>
    public static string Lower(ReadOnlySpan<char> word) => string.Create(word.Length, word, static (into, from) => from.ToLowerInvariant(into));

    private static bool Begins(ReadOnlySpan<char> word, ReadOnlySpan<char> field)
    {
        while (Next(ref field, out var one))
        {
            if (one.Length >= word.Length && Same(one[..word.Length], word))
                return true;
        }
        return false;
    }

    private static bool Same(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        for (var i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i] && char.ToLowerInvariant(one[i]) != char.ToLowerInvariant(other[i]))
                return false;
        }
        return true;
    }
}
