using System.Text;
using System.Text.Json;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>An object or array that is open while JSON is read.</summary>
internal struct JsonLevel
{
    /// <summary>Which pointers fit so far.</summary>
    public ulong Mark;

    public bool IsArray;

    /// <summary>Everything below stands under the name of a secret.</summary>
    public SecretName Name;

    /// <summary>Of an array, the index of the current element; -1 before the first.</summary>
    public int Index;

    /// <summary>Of an object, where in the document the current name begins, and its length; 0 if it isn't shown.</summary>
    public int NameAt;

    public int NameLength;
}

/// <summary>
/// JSON: structure and plain names stay, values only where a pointer keeps them. What is written is valid JSON whatever was read: a document that breaks off is
/// closed, with a mark where it broke.
/// </summary>
internal static class JsonBody
{
    /// <summary>Objects and arrays below this many are a star: no rule reaches them, and no reader does.</summary>
    public const int Deepest = 64;

    private const int LongestName = 512;

    // Lenient, because apps are; what is written is strict. The depth is no error either: a deep corner must not hide the rest of a document.
    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = int.MaxValue };

    /// <summary>Writes one document. Returns false, with nothing written, if it isn't JSON.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> document, bool truncated, BodyWork work)
    {
        var before = work.Position;
        try
        {
            var run = new Run(document, truncated, work);
            run.Write();
        }
        catch (JsonException)
        {
            work.Rewind(before);
            return false;
        }
        return true;
    }

    private ref struct Run(ReadOnlySpan<byte> document, bool truncated, BodyWork work)
    {
        private readonly ReadOnlySpan<byte> document = document;
        private readonly BodyWork work = work;
        private readonly JsonLevel[] levels = work.Levels;
        private Utf8JsonReader reader = new(document, isFinalBlock: !truncated, new JsonReaderState(Lenient));
        private int level; // levels[level] is the innermost that is open; levels[0] stands for the document itself
        private ulong nameMark; // of the name whose value comes next
        private SecretName nameKind;
        private bool hasName;
        private JsonOutput output = new(work);

        public void Write()
        {
            levels[0] = new() { IsArray = true };
            var any = false;
            var whole = true;
            while (whole && reader.Read())
            {
                any = true;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        Name();
                        break;
                    case JsonTokenType.EndObject:
                        level--;
                        output.End((byte)'}');
                        break;
                    case JsonTokenType.EndArray:
                        level--;
                        output.End((byte)']');
                        break;
                    default:
                        whole = Value();
                        break;
                }
            }
            if (!any && !truncated)
                throw new JsonException();
            if (!any || level > 0)
                Close();
        }

        private void Close()
        {
            if (level > 0 && !levels[level].IsArray && !hasName)
                output.PutName("…"u8);
            output.PutText("…"u8);
            for (; level > 0; level--)
                output.End(levels[level].IsArray ? (byte)']' : (byte)'}');
        }

        private void Name()
        {
            ref var at = ref levels[level];
            hasName = true;
            at.NameLength = 0;
            nameKind = SecretName.Secret;
            nameMark = 0;
            var name = reader.ValueSpan;
            if (name.Length <= LongestName && Escapes.AreText(reader))
            {
                (nameKind, var isPlain) = Judge(name);
                nameMark = work.Rules.Pointers.Member(at.Mark, level - 1, ref reader);
                if (isPlain)
                {
                    at.NameAt = (int)reader.TokenStartIndex + 1;
                    at.NameLength = name.Length;
                    var room = work.Bytes(LongestName);
                    output.PutName(reader.ValueIsEscaped ? room[..reader.CopyString(room)] : name); // plain, so it needs no escape
                    return;
                }
            }
            output.PutName("*"u8);
            if (work.Notes)
                work.Note(Path(), "name");
        }

        private (SecretName Kind, bool IsPlain) Judge(ReadOnlySpan<byte> name)
        {
            if (!reader.ValueIsEscaped && work.Names.TryFind(name, out var known))
                return known;
            var room = work.Chars(LongestName);
            var text = (ReadOnlySpan<char>)room[..reader.CopyString(room)];
            known = (SecretNames.Of(text), PlainName.Is(text));
            if (!reader.ValueIsEscaped)
                work.Names.Keep(name, known);
            return known;
        }

        // False if the document breaks off in what it skips.
        private bool Value()
        {
            ref var at = ref levels[level];
            var (mark, kind) = (nameMark, at.Name);
            if (level == 0)
                mark = work.Rules.Pointers.Root;
            else if (at.IsArray)
                mark = work.Rules.Pointers.Element(at.Mark, level - 1, ++at.Index);
            else
                kind = nameKind > kind ? nameKind : kind;
            hasName = false;
            if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                Leaf(work.Rules.Pointers.Keeps(mark, level), kind);
                return true;
            }
            if (level == Deepest)
            {
                Star();
                return reader.TrySkip();
            }
            var isArray = reader.TokenType == JsonTokenType.StartArray;
            levels[++level] = new() { Mark = mark, Name = kind, IsArray = isArray, Index = -1 };
            output.Begin(isArray ? (byte)'[' : (byte)'{');
            return true;
        }

        private void Leaf(bool kept, SecretName kind)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                output.Put("null"u8);
            }
            else if (kind == SecretName.Secret || kind == SecretName.Texts && reader.TokenType == JsonTokenType.String)
            {
                // No pseudonym either: whoever has the same password should not be told from the record.
                Star();
                if (kept && work.Notes)
                    work.Note(Path(), "secret-name");
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                Text(kept);
            }
            else if (kept && !(reader.TokenType == JsonTokenType.Number && HoldsSecret()))
            {
                output.Put(reader.ValueSpan);
            }
            else if (!kept && reader.TokenType == JsonTokenType.Number)
            {
                output.PutText(work.Stand(reader.ValueSpan));
            }
            else
            {
                Star(); // two pseudonyms for true and false would soon be read
            }
        }

        private void Text(bool kept)
        {
            if (!kept && !work.HasPseudonyms || !Escapes.AreText(reader))
            {
                Star();
            }
            else if (!kept)
            {
                var room = work.Bytes(reader.ValueSpan.Length);
                output.PutText(work.Stand(room[..reader.CopyString(room)]));
            }
            else
            {
                var room = work.Chars(reader.ValueSpan.Length);
                var clean = work.Clean(room[..reader.CopyString(room)], out var rule);
                if (rule is null && !reader.ValueIsEscaped)
                    output.PutText(reader.ValueSpan);
                else
                    output.PutEscaped(clean);
                if (rule is not null && work.Notes)
                    work.Note(Path(), rule);
            }
        }

        private bool HoldsSecret()
        {
            if (reader.ValueSpan.Length < 13)
                return false;
            var room = work.Chars(reader.ValueSpan.Length);
            Encoding.ASCII.GetChars(reader.ValueSpan, room);
            if (SecretShape.Of(room) is not { } rule)
                return false;
            work.Note(Path(), rule);
            return true;
        }

        private void Star()
        {
            work.Masked();
            output.PutText("*"u8);
        }

        private string Path()
        {
            var path = new StringBuilder();
            for (var i = 1; i <= level; i++)
            {
                var name = document.Slice(levels[i].NameAt, levels[i].NameLength);
                path.Append('/');
                if (levels[i].IsArray)
                    path.Append(levels[i].Index);
                else if (name.IsEmpty || name.Contains((byte)'\\'))
                    path.Append(BodyWork.Mark);
                else
                    path.Append(Encoding.UTF8.GetString(name));
            }
            return path.ToString();
        }
    }
}
