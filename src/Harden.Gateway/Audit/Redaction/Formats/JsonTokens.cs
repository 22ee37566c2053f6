using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>
/// Reads the tokens of a JSON document as leniently as apps write it: comments and a comma too many are no errors, nor is any depth. The same tokens as those of <see cref="Utf8JsonReader"/> (a test
/// holds one against the other) in two thirds of its time, because a body is whole and in memory, and without an exception for each body that is no JSON.
/// </summary>
/// <param name="text">The document, in valid UTF-8.</param>
/// <param name="isCut">It may break off anywhere.</param>
internal ref struct JsonTokens(ReadOnlySpan<byte> text, bool isCut)
{
    private readonly ReadOnlySpan<byte> text = text;
    private readonly bool isCut = isCut;
    private int at;
    private int depth;
    private ulong arrays; // the lowest bit says what the innermost that is open is, the next what is around it
    private Stack<ulong>? outer; // the same of levels further out, 64 at a time
    private Expected expected;

    private enum Expected
    {
        Value, // of the document or of a name
        Element, // or the end of the array
        Name, // or the end of the object
        Next, // a comma or the end
    }

    /// <summary>What was read.</summary>
    public JsonTokenType Kind { get; private set; }

    /// <summary>Where it begins; of strings and names, after the quote.</summary>
    public int Start { get; private set; }

    /// <summary>Where it ends; of strings and names, before the quote.</summary>
    public int End { get; private set; }

    /// <summary>The token as it was written, without quotes.</summary>
    public readonly ReadOnlySpan<byte> Value => text[Start..End];

    /// <summary>The string or name has escapes.</summary>
    public bool IsEscaped { get; private set; }

    /// <summary>This is no JSON.</summary>
    public bool IsBad { get; private set; }

    private readonly bool InArray => (arrays & 1) != 0;

    /// <summary>Reads the next token. False at the end, where the document breaks off, and where it turns out to be no JSON.</summary>
    public bool Read()
    {
        var next = Peek();
        if (next == ',' && expected == Expected.Next && depth > 0)
        {
            at++;
            expected = InArray ? Expected.Element : Expected.Name;
            next = Peek();
        }
        if (next == '"' && expected != Expected.Next)
        {
            var isName = expected == Expected.Name;
            if (!String())
                return false;
            if (isName)
                return Colon();
            expected = Expected.Next;
            Kind = JsonTokenType.String;
            return true;
        }
        if (next < 0)
            return !IsBad && (expected != Expected.Next || depth > 0) && BreakOff();
        if (next is '}' or ']')
            return Close(next == ']');
        return expected is Expected.Value or Expected.Element ? Begin(next) : Refuse();
    }

    /// <summary>Reads to the end of the object or array that has just begun. False like <see cref="Read"/>.</summary>
    public bool Skip()
    {
        for (var around = depth - 1; depth > around;)
        {
            if (!Read())
                return false;
        }
        return true;
    }

    private bool BreakOff()
    {
        IsBad |= !isCut;
        return false;
    }

    private bool Refuse() => !(IsBad = true);

    private bool Took(JsonTokenType kind, int start, int end)
    {
        (Kind, Start, End) = (kind, start, end);
        return true;
    }

    // The next byte that is neither white space nor comment; -1 if there is none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Peek() => (uint)at < (uint)text.Length && text[at] is > (byte)' ' and not (byte)'/' and var next ? next : PeekFurther();

    private int PeekFurther()
    {
        while (at < text.Length)
        {
            if (IsSpace(text[at]))
                at++;
            else if (text[at] != '/')
                return text[at];
            else if (!Comment())
                return -1;
        }
        return -1;
    }

    private static bool IsSpace(byte c) => c is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private bool Comment()
    {
        var rest = text[(at + 1)..];
        if (rest.IsEmpty)
            return BreakOff();
        if (rest[0] is not ((byte)'/' or (byte)'*'))
            return Refuse();
        var length = rest[0] == '/' ? rest.IndexOfAny((byte)'\n', (byte)'\r') : rest[1..].IndexOf("*/"u8);
        if (length < 0)
            at = text.Length;
        else
            at += rest[0] == '/' ? length + 1 : length + 4;
        return length >= 0 || (rest[0] == '/' ? at == text.Length : BreakOff());
    }

    private bool Begin(int first)
    {
        expected = Expected.Next;
        switch (first)
        {
            case '{':
                Open(isArray: false);
                return Took(JsonTokenType.StartObject, at - 1, at);
            case '[':
                Open(isArray: true);
                return Took(JsonTokenType.StartArray, at - 1, at);
            case 't':
                return Literal("true"u8, JsonTokenType.True);
            case 'f':
                return Literal("false"u8, JsonTokenType.False);
            case 'n':
                return Literal("null"u8, JsonTokenType.Null);
            default:
                return first is '-' or (>= '0' and <= '9') ? Number() : Refuse();
        }
    }

    private void Open(bool isArray)
    {
        if (depth > 0 && depth % 64 == 0)
            (outer ??= new()).Push(arrays);
        depth++;
        arrays = (arrays << 1) | (isArray ? 1UL : 0);
        expected = isArray ? Expected.Element : Expected.Name;
        at++;
    }

    private bool Close(bool isArray)
    {
        if (depth == 0 || expected == Expected.Value || InArray != isArray)
            return Refuse();
        depth--;
        arrays = depth > 0 && depth % 64 == 0 ? outer!.Pop() : arrays >> 1;
        expected = Expected.Next;
        at++;
        return Took(isArray ? JsonTokenType.EndArray : JsonTokenType.EndObject, at - 1, at);
    }

    // A name is one once its colon is there.
    private bool Colon()
    {
        while (at < text.Length && IsSpace(text[at]))
            at++;
        if (at == text.Length)
            return BreakOff();
        if (text[at] != ':')
            return Refuse();
        at++;
        expected = Expected.Value;
        Kind = JsonTokenType.PropertyName;
        return true;
    }

    // From its first quote to behind its last.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool String()
    {
        Start = at + 1;
        End = at = Special(Start);
        IsEscaped = false;
        if ((uint)at >= (uint)text.Length || text[at] != '"')
            return Escaped();
        at++;
        return true;
    }

    private bool Escaped()
    {
        for (IsEscaped = true; at < text.Length && text[at] == '\\'; at = Special(at))
        {
            if (!Escape())
                return false;
        }
        if (at == text.Length)
            return BreakOff();
        End = at++;
        return text[End] == '"' || Refuse();
    }

    private bool Escape()
    {
        if (at + 1 == text.Length)
            return BreakOff();
        var isUnicode = text[at + 1] == 'u';
        if (!isUnicode && !"\"\\/bfnrt"u8.Contains(text[at + 1]))
            return Refuse();
        at += 2;
        for (var digits = isUnicode ? 4 : 0; digits > 0; digits--, at++)
        {
            if (at == text.Length)
                return BreakOff();
            if (!char.IsAsciiHexDigit((char)text[at]))
                return Refuse();
        }
        return true;
    }

    // Where the next quote, backslash or control character stands; the length of the text if none does.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Special(int from)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        for (; from <= text.Length - Vector128<byte>.Count; from += Vector128<byte>.Count)
        {
            var piece = Vector128.LoadUnsafe(ref first, (nuint)from);
            var found = Vector128.Equals(piece, Vector128.Create((byte)'"')) | Vector128.Equals(piece, Vector128.Create((byte)'\\')) | Vector128.LessThan(piece, Vector128.Create((byte)' '));
            if (found.ExtractMostSignificantBits() is not 0 and var places)
                return from + BitOperations.TrailingZeroCount(places);
        }
        while (from < text.Length && text[from] is not ((byte)'"' or (byte)'\\' or < (byte)' '))
            from++;
        return from;
    }

    private bool Literal(ReadOnlySpan<byte> word, JsonTokenType kind)
    {
        var rest = text[at..];
        if (!rest.StartsWith(word))
            return word.StartsWith(rest) ? BreakOff() : Refuse();
        at += word.Length;
        return Took(kind, at - word.Length, at);
    }

    private bool Number()
    {
        var (start, end) = (at, at);
        if (text[end] == '-')
            end++;
        if (end < text.Length && text[end] == '0')
            end++;
        else if (!Digits(ref end))
            return false;
        if (end < text.Length && text[end] == '.' && !Digits(ref end, 1))
            return false;
        if (end < text.Length && text[end] is (byte)'e' or (byte)'E' && !Digits(ref end, end + 1 < text.Length && text[end + 1] is (byte)'+' or (byte)'-' ? 2 : 1))
            return false;
        at = end;
        return end == text.Length && isCut ? BreakOff() : Took(JsonTokenType.Number, start, end); // more digits may have been cut off
    }

    private bool Digits(ref int end, int after = 0)
    {
        var from = end += after;
        while (end < text.Length && text[end] is >= (byte)'0' and <= (byte)'9')
            end++;
        return end > from || (end == text.Length ? BreakOff() : Refuse());
    }
}
