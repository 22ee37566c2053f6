using System.Globalization;
using System.Text;

namespace Harden.Audit.Index;

/// <summary>
/// A request as words for the full-text index: what was written, as <see cref="SearchWords"/> has it, and what one can ask for by field, each marked by an
/// underscore and a letter so that no word of a text is mistaken for it.
/// </summary>
internal sealed class IndexWords
{
    private const int Usual = 256, Most = 4096; // bytes
    private const int LongestField = 2 + SearchWords.Longest;

    private byte[] written = new byte[Usual];
    private int length;

    /// <summary>The words, in UTF-8, with a space between each two.</summary>
    public ReadOnlySpan<byte> Written => written.AsSpan(0, length);

    /// <summary>Forgets them.</summary>
    public void Clear()
    {
        length = 0;
        if (written.Length > Most)
            written = new byte[Usual]; // kept for the next request, which is not as long
    }

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
            AddNumber('s', line.Status);
            AddNumber('c', line.Status / 100);
        }
    }

    /// <summary>Takes up words that were written down before. Before any other.</summary>
    public void AddAgain(ReadOnlySpan<byte> words)
    {
        words.CopyTo(Room(words.Length));
        length += words.Length;
    }

    /// <summary>Takes up the words of a body.</summary>
    /// <param name="most">Once there are so many words, no more of them are taken up.</param>
    public void AddBody(ReadOnlySpan<char> text, int most)
    {
        // So many that to look for each among those that are written would take long.
        var known = new HashSet<string>(Encoding.UTF8.GetString(Written).Split(' ', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
        var words = known.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> small = stackalloc char[SearchWords.Longest];
        while (known.Count < most && SearchWords.Next(ref text, out var word))
        {
            var lower = small[..word.ToLowerInvariant(small)];
            if (words.Add(lower))
                Append(lower);
        }
    }

    public static string OfStatus(int status) => string.Create(CultureInfo.InvariantCulture, $"_s{status}");

    public static string OfClass(int digit) => string.Create(CultureInfo.InvariantCulture, $"_c{digit}");

    /// <summary>A field's value as one word. Different values may share a word; the query has the last word on what matches.</summary>
    public static string OfField(char field, string value)
    {
        Span<char> word = stackalloc char[LongestField];
        return new(word[..Field(word, field, value)]);
    }

    private static int Field(Span<char> word, char field, ReadOnlySpan<char> value)
    {
        (word[0], word[1]) = ('_', field);
        var end = 2;
        foreach (var c in value[..Math.Min(value.Length, SearchWords.Longest)])
            word[end++] = char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_';
        return end;
    }

    private void AddText(ReadOnlySpan<char> text)
    {
        Span<char> small = stackalloc char[SearchWords.Longest];
        while (SearchWords.Next(ref text, out var word))
            AddWord(small[..word.ToLowerInvariant(small)]);
    }

    private void Mark(char field, ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
            return;
        Span<char> word = stackalloc char[LongestField];
        AddWord(word[..Field(word, field, value)]);
    }

    private void AddNumber(char field, int number)
    {
        Span<char> word = stackalloc char[16];
        (word[0], word[1]) = ('_', field);
        number.TryFormat(word[2..], out var digits, default, CultureInfo.InvariantCulture);
        AddWord(word[..(2 + digits)]);
    }

    // Few: looked for among those that are written.
    private void AddWord(ReadOnlySpan<char> word)
    {
        var before = length;
        Append(word);
        var from = before == 0 ? 0 : before + 1;
        if (Has(written.AsSpan(0, before), written.AsSpan(from, length - from)))
            length = before;
    }

    private static bool Has(ReadOnlySpan<byte> words, ReadOnlySpan<byte> word)
    {
        for (var at = 0; at < words.Length;)
        {
            var next = words[at..].IndexOf(word);
            if (next < 0)
                return false;
            at += next + word.Length;
            if ((at == word.Length || words[at - word.Length - 1] == ' ') && (at == words.Length || words[at] == ' '))
                return true;
        }
        return false;
    }

    private void Append(ReadOnlySpan<char> word)
    {
        if (length > 0)
        {
            Room(1)[0] = (byte)' ';
            length++;
        }
        length += Encoding.UTF8.GetBytes(word, Room(Encoding.UTF8.GetMaxByteCount(word.Length)));
    }

    private Span<byte> Room(int bytes)
    {
        if (written.Length - length < bytes)
            Array.Resize(ref written, Math.Max(written.Length * 2, length + bytes));
        return written.AsSpan(length);
    }
}
