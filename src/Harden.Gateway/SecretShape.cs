using System.Text;

namespace Harden.Gateway;

/// <summary>
/// Recognises credentials by their shape, in fields that are recorded: the second line behind allow-lists, never the only one.
/// One pass over the value, no backtracking.
/// </summary>
internal static class SecretShape
{
    /// <summary>Stands for what was taken out.</summary>
    public const char Mark = '*';

    private const int Shortest = 6;

    /// <summary>The rule that recognises a credential in the value; null if none does.</summary>
    public static string? Of(ReadOnlySpan<char> value)
    {
        if (value.Length < Shortest || !SecretHints.Any(value))
            return null;
        var scan = new SecretScan(value);
        return scan.MoveNext() ? scan.Current.Rule : null;
    }

    /// <summary>The value with a star for each credential in it, and the rule of the first; the value itself and null if it has none.</summary>
    /// <param name="value">The value.</param>
    /// <param name="room">Holds the result; grown if need be.</param>
    /// <param name="rule">The rule.</param>
    public static ReadOnlySpan<char> Mask(ReadOnlySpan<char> value, ref char[] room, out string? rule)
    {
        rule = null;
        if (value.Length < Shortest || !SecretHints.Any(value))
            return value;
        var (kept, length) = (0, 0);
        foreach (var found in new SecretScan(value))
        {
            if (room.Length < value.Length + 1)
                room = new char[Math.Max(value.Length + 1, room.Length * 2)];
            rule ??= found.Rule;
            value[kept..found.Start].CopyTo(room.AsSpan(length));
            length += found.Start - kept;
            room[length++] = Mark; // never longer than what it stands for
            kept = found.End;
        }
        if (rule is null)
            return value;
        value[kept..].CopyTo(room.AsSpan(length));
        return room.AsSpan(0, length + value.Length - kept);
    }

    /// <summary>A path in which a star stands for every segment that looks like a credential.</summary>
    /// <param name="path">The path.</param>
    /// <param name="found">Told the rule of each.</param>
    public static string Mask(string path, Action<string>? found = null)
    {
        var result = new StringBuilder();
        foreach (var range in path.AsSpan().Split('/'))
        {
            var segment = path.AsSpan()[range];
            if (range.Start.Value > 0)
                result.Append('/');
            if (Of(segment) is { } rule)
            {
                found?.Invoke(rule);
                result.Append(Mark);
            }
            else
                result.Append(segment);
        }
        // A secret that runs over a slash, as base64 can: nothing of it is safe to show.
        return Of(result.ToString()) is null ? result.ToString() : "*";
    }

    /// <summary>
    /// How much of a text that was cut off can be shown: up to its last word, and without the digits, label or tag before it, because what follows may be the
    /// first half of a secret too short to be known as one.
    /// </summary>
    public static int SafeLength(ReadOnlySpan<char> cut)
    {
        var end = cut.LastIndexOfAny(' ', '\n', '\t') + 1;
        while (end > 0 && (char.IsWhiteSpace(cut[end - 1]) || char.IsAsciiDigit(cut[end - 1]) || cut[end - 1] is '-' or '.' or '+'))
            end--;
        var word = cut[..end];
        var before = word.LastIndexOfAny(' ', '\n', '\t') + 1;
        if (word[before..].EndsWith("bearer", StringComparison.OrdinalIgnoreCase) || word[before..].EndsWith("basic", StringComparison.OrdinalIgnoreCase))
            end = word[..before].TrimEnd().Length;
        return cut[..end].LastIndexOf('<') is >= 0 and var tag && !cut[tag..end].Contains('>') ? tag : end;
    }
}
