using System.Globalization;
using System.Text;

namespace Harden.Gateway.Audit.Redaction;

/// <summary>
/// A set of JSON pointers, followed while a document is read: a mark holds a bit for each pointer that fits so far, so a step down costs a
/// look at each of those and nothing is remembered but one number a level.
/// </summary>
internal sealed class JsonPointers
{
    /// <summary>The most segments of a pointer.</summary>
    public const int Deepest = 32;

    private const ulong Everything = 1UL << 63;

    private readonly Segment[][] pointers;
    private readonly ulong[] endAt = new ulong[Deepest + 1];
    private readonly ulong[] deepAt = new ulong[Deepest + 1];

    public JsonPointers(IReadOnlyList<string> texts)
    {
        var distinct = texts.Distinct(StringComparer.Ordinal).Take(BodyRules.MostPointers).ToArray();
        pointers = new Segment[distinct.Length][];
        for (var i = 0; i < pointers.Length; i++)
        {
            var segments = distinct[i][1..].Split('/');
            var isDeep = segments[^1] == "**";
            pointers[i] = [.. segments.SkipLast(isDeep ? 1 : 0).Select(static s => new Segment(s))];
            (isDeep ? deepAt : endAt)[pointers[i].Length] |= 1UL << i;
        }
        Root = Settle((1UL << pointers.Length) - 1, 0);
    }

    /// <summary>The mark of the whole document.</summary>
    public ulong Root { get; }

    /// <summary>The value with this mark, so many levels down, is kept.</summary>
    public bool Keeps(ulong mark, int level) => (mark & Everything) != 0 || level <= Deepest && (mark & endAt[level]) != 0;

    /// <summary>The mark of a member of an object that has a mark and is so many levels down.</summary>
    public ulong Member(ulong mark, int level, ReadOnlySpan<byte> name)
    {
        if ((mark & Everything) != 0 || mark == 0 || level >= Deepest)
            return mark & Everything;
        var next = 0UL;
        for (var rest = mark; rest != 0; rest &= rest - 1)
        {
            var i = System.Numerics.BitOperations.TrailingZeroCount(rest);
            if (pointers[i].Length > level && (pointers[i][level].Name is not { } wanted || name.SequenceEqual(wanted)))
                next |= 1UL << i;
        }
        return Settle(next, level + 1);
    }

    /// <summary>The mark of an element of an array that has a mark and is so many levels down.</summary>
    public ulong Element(ulong mark, int level, int index)
    {
        if ((mark & Everything) != 0 || mark == 0 || level >= Deepest)
            return mark & Everything;
        var next = 0UL;
        for (var rest = mark; rest != 0; rest &= rest - 1)
        {
            var i = System.Numerics.BitOperations.TrailingZeroCount(rest);
            if (pointers[i].Length > level && (pointers[i][level].Name is null || pointers[i][level].Index == index))
                next |= 1UL << i;
        }
        return Settle(next, level + 1);
    }

    private ulong Settle(ulong mark, int level) => (mark & deepAt[level]) != 0 ? Everything : mark;

    private readonly struct Segment
    {
        public Segment(string text)
        {
            Name = text == "*" ? null : Encoding.UTF8.GetBytes(text.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
            Index = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
        }

        /// <summary>The name; null for any.</summary>
        public byte[]? Name { get; }

        /// <summary>The name as an index; -1 if it is none.</summary>
        public int Index { get; }
    }
}
