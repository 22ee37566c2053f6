using System.Globalization;
using System.Text;

namespace Harden.Audit.Index;

/// <summary>
/// A request as words for the full-text index: what was written, as <see cref="SearchWords"/> has it, and what one can ask for by field, each marked by an
/// underscore and a letter so that no word of a text is mistaken for it.
/// </summary>
internal sealed class IndexWords
{
    private readonly HashSet<string> words = new(StringComparer.Ordinal);

    /// <summary>Takes up what a line says.</summary>
    public void Add(IndexedLine line)
    {
        AddText(line.Path);
        AddText(line.Query);
        AddText(line.Display);
        Mark('o', line.Subject);
        Mark('i', line.Client);
        Mark('m', line.Method);
        Mark('a', line.Action);
        Mark('r', line.Reason);
        Mark('u', line.Rule);
        Mark('l', line.Limit);
        if (line.Status > 0)
        {
            words.Add(OfStatus(line.Status));
            words.Add(OfClass(line.Status / 100));
        }
    }

    /// <summary>Takes up words that were written down before.</summary>
    public void AddAgain(string written)
    {
        foreach (var word in written.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            words.Add(word);
    }

    /// <summary>Takes up a text, a body say.</summary>
    /// <param name="most">Once there are so many words, no more of them are taken up.</param>
    public void AddText(ReadOnlySpan<char> text, int most = int.MaxValue)
    {
        while (words.Count < most && SearchWords.Next(ref text, out var word))
            words.Add(SearchWords.Lower(word));
    }

    public override string ToString() => string.Join(' ', words);

    public static string OfStatus(int status) => string.Create(CultureInfo.InvariantCulture, $"_s{status}");

    public static string OfClass(int digit) => string.Create(CultureInfo.InvariantCulture, $"_c{digit}");

    /// <summary>A field's value as one word. Different values may share a word; the query has the last word on what matches.</summary>
    public static string OfField(char field, string value)
    {
        var word = new StringBuilder("_").Append(field);
        foreach (var c in value.AsSpan(0, Math.Min(value.Length, SearchWords.Longest)))
            word.Append(char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_');
        return word.ToString();
    }

    private void Mark(char field, string value)
    {
        if (value.Length > 0)
            words.Add(OfField(field, value));
    }
}
