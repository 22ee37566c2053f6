namespace Harden.Audit.Index;

/// <summary>A query as an expression of the full-text index: finds all that match, and perhaps more.</summary>
internal static class IndexMatch
{
    /// <summary>The expression; empty if nothing in the query has a word.</summary>
    public static string Of(AuditQuery query)
    {
        List<string> all = [];
        Field('m', query.Method);
        Field('a', query.Action);
        Field('r', query.Reason);
        Field('u', query.Rule);
        Field('l', query.Limit);
        Field('i', query.Client);
        if (query.Status is { } status)
            all.Add(Whole(IndexWords.OfStatus(status)));
        if (query.StatusClass is { } digit)
            all.Add(Whole(IndexWords.OfClass(digit)));
        if (query.User.Length > 0)
            all.Add(User(query.User));
        if (query.Path.Length > 0)
            Path(query.Path, all);
        if (!SearchWords.IsId(query.Text)) // else looked up as an id too
            AddText(query.Text, all);
        return string.Join(" AND ", all);

        void Field(char field, string value)
        {
            if (value.Length > 0)
                all.Add(Whole(IndexWords.OfField(field, value)));
        }
    }

    /// <summary>The expression for a word.</summary>
    public static string Beginning(string word) => $"\"{word}\" *";

    private static string Whole(string word) => $"\"{word}\"";

    private static string User(string user)
    {
        var subject = Whole(IndexWords.OfField('o', user));
        return SearchWords.IsSubject(user) || Words(user) is not { Length: > 0 } name ? subject : $"({subject} OR ({name}))";
    }

    private static void AddText(string text, List<string> all)
    {
        if (Words(text) is { Length: > 0 } words)
            all.Add(SearchWords.IsSubject(text) ? $"({Whole(IndexWords.OfField('o', text))} OR ({words}))" : words);
    }

    private static string Words(string text) => string.Join(" AND ", SearchWords.Of(text).Select(Beginning));

    // A word that a star touches at its start has an unknown beginning and can't be looked up; one that it touches at its end is a beginning.
    private static void Path(string pattern, List<string> all)
    {
        var starred = pattern.Contains('*', StringComparison.Ordinal);
        for (int from = 0, to; from < pattern.Length; from = to + 1)
        {
            for (to = from; to < pattern.Length && char.IsLetterOrDigit(pattern[to]);)
                to++;
            if (to == from || (from > 0 && pattern[from - 1] == '*'))
                continue;
            var open = to - from > SearchWords.Longest || (to == pattern.Length ? !starred : pattern[to] == '*');
            var word = SearchWords.Lower(pattern.AsSpan(from, Math.Min(to - from, SearchWords.Longest)));
            all.Add(open ? Beginning(word) : Whole(word));
        }
    }
}
