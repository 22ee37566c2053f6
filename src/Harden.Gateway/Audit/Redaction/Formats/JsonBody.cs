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

    /// <summary>Of an object, what a member said of its value: <c>{"name":"password","value":"…"}</c>.</summary>
    public SecretName Label;

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
    private const int LongestLabel = 64;

    /// <summary>Writes one document. Returns false, with nothing written, if it isn't JSON.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> document, bool truncated, BodyWork work)
    {
        var before = work.Position;
        if (new Run(document, truncated, work).TryWrite())
            return true;
        work.Rewind(before);
        return false;
    }

    private ref struct Run(ReadOnlySpan<byte> document, bool truncated, BodyWork work)
    {
        private readonly ReadOnlySpan<byte> document = document;
        private readonly BodyWork work = work;
        private readonly JsonLevel[] levels = work.Levels;
        private readonly JsonPointers pointers = work.Rules.Pointers;
        private JsonTokens tokens = new(document, truncated);
        private int level; // levels[level] is the innermost that is open; levels[0] stands for the document itself
        private ulong nameMark; // of the name whose value comes next
        private SecretName nameKind;
        private NameRole nameRole;
        private bool hasName;
        private JsonOutput output = new(work);

        public bool TryWrite()
        {
            levels[0] = new() { IsArray = true };
            var any = false;
            var whole = true;
            while (whole && tokens.Read())
            {
                any = true;
                switch (tokens.Kind)
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
            if (!tokens.IsBad && (!any || level > 0))
                Close();
            return !tokens.IsBad;
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
            nameRole = NameRole.None;
            nameMark = 0;
            var name = tokens.Value;
            if (name.Length <= LongestName && !(tokens.IsEscaped && !Escapes.AreText(name)))
            {
                if (tokens.IsEscaped)
                    name = Escapes.Resolve(document, tokens.Start, name.Length, work.Bytes(LongestName));
                if (!work.Names.TryFind(name, out var known))
                    known = Judge(name);
                nameKind = known.Kind;
                nameRole = known.Role;
                nameMark = pointers.Member(at.Mark, level - 1, name);
                if (known.IsPlain)
                {
                    at.NameAt = tokens.Start;
                    at.NameLength = tokens.Value.Length;
                    output.PutName(name); // plain, so it needs no escape
                    return;
                }
            }
            output.PutName("*"u8);
            if (work.Notes)
                work.Note(Path(), "name");
        }

        private KnownName Judge(ReadOnlySpan<byte> name)
        {
            var room = work.Chars(LongestName);
            var known = KnownName.Of(room[..Encoding.UTF8.GetChars(name, room)]);
            work.Names.Keep(name, known);
            return known;
        }

        // False if the document breaks off in what it skips.
        private bool Value()
        {
            ref var at = ref levels[level];
            var (mark, kind) = (nameMark, at.Name);
            if (level == 0)
                mark = pointers.Root;
            else if (at.IsArray)
                mark = pointers.Element(at.Mark, level - 1, ++at.Index);
            else
                kind = OfMember(ref at, nameKind > kind ? nameKind : kind);
            hasName = false;
            if (tokens.Kind is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                Leaf(pointers.Keeps(mark, level), kind);
                return true;
            }
            if (level == Deepest)
            {
                Star();
                return tokens.Skip();
            }
            var isArray = tokens.Kind == JsonTokenType.StartArray;
            levels[++level] = new() { Mark = mark, Name = kind, IsArray = isArray, Index = -1 };
            output.Begin(isArray ? (byte)'[' : (byte)'{');
            return true;
        }

        private SecretName OfMember(ref JsonLevel at, SecretName kind)
        {
            if (nameRole == NameRole.Label && tokens.Kind == JsonTokenType.String && KindOfLabel() is var label && label > at.Label)
                at.Label = label;
            return nameRole == NameRole.Value && at.Label > kind ? at.Label : kind;
        }

        private SecretName KindOfLabel()
        {
            var name = tokens.Value;
            if (name.Length > LongestLabel || tokens.IsEscaped && !Escapes.AreText(name))
                return SecretName.None;
            if (tokens.IsEscaped)
                name = Escapes.Resolve(document, tokens.Start, name.Length, work.Bytes(LongestLabel));
            var room = work.Chars(LongestLabel);
            return SecretNames.Of(room[..Encoding.UTF8.GetChars(name, room)]);
        }

        private void Leaf(bool kept, SecretName kind)
        {
            if (tokens.Kind == JsonTokenType.Null)
            {
                output.Put("null"u8);
            }
            else if (kind == SecretName.Secret || kind == SecretName.Texts && tokens.Kind == JsonTokenType.String)
            {
                // No pseudonym either: whoever has the same password should not be told from the record.
                Star();
                if (kept && work.Notes)
                    work.Note(Path(), "secret-name");
            }
            else if (tokens.Kind == JsonTokenType.String)
            {
                Text(kept);
            }
            else if (kept && !(tokens.Kind == JsonTokenType.Number && HoldsSecret()))
            {
                output.Put(tokens.Value);
            }
            else if (!kept && tokens.Kind == JsonTokenType.Number)
            {
                output.PutText(work.Stand(tokens.Value));
            }
            else
            {
                Star(); // two pseudonyms for true and false would soon be read
            }
        }

        private void Text(bool kept)
        {
            var value = tokens.Value;
            if (!kept && !work.HasPseudonyms || tokens.IsEscaped && !Escapes.AreText(value))
            {
                Star();
                return;
            }
            if (tokens.IsEscaped)
                value = Escapes.Resolve(document, tokens.Start, value.Length, work.Bytes(value.Length));
            if (!kept)
            {
                output.PutText(work.Stand(value));
                return;
            }
            if (!tokens.IsEscaped && !SecretHints.Any(value)) // nearly always
            {
                output.PutText(tokens.Value);
                return;
            }
            var room = work.Chars(value.Length);
            var clean = work.Clean(room[..Encoding.UTF8.GetChars(value, room)], out var rule);
            if (rule is null && !tokens.IsEscaped)
                output.PutText(value);
            else
                output.PutEscaped(clean);
            if (rule is not null && work.Notes)
                work.Note(Path(), rule);
        }

        private bool HoldsSecret()
        {
            if (tokens.Value.Length < 13)
                return false;
            var room = work.Chars(tokens.Value.Length);
            Encoding.ASCII.GetChars(tokens.Value, room);
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
