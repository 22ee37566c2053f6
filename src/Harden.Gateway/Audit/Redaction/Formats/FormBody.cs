using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>Submitted forms: names stay as they were sent, values where a rule keeps them.</summary>
internal static class FormBody
{
    private static readonly SearchValues<char> Unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~*");

    public static bool Write(ReadOnlySpan<byte> body, BodyWork work)
    {
        // What tools send as a form when nobody told them that it is JSON.
        if (body[0] is (byte)'{' or (byte)'[' && JsonBody.TryWrite(body, work.Truncated, work))
            return true;
        for (var first = true; first || !body.IsEmpty; first = false)
        {
            var length = body.IndexOf((byte)'&');
            var pair = length < 0 ? body : body[..length];
            body = length < 0 ? default : body[(length + 1)..];
            if (!first)
                work.Write("&"u8);
            Pair(pair, work.Truncated && length < 0, work);
        }
        return true;
    }

    private static void Pair(ReadOnlySpan<byte> pair, bool isCut, BodyWork work)
    {
        var equals = pair.IndexOf((byte)'=');
        if (isCut && equals < 0)
        {
            work.Write(BodyWork.Cut);
            return;
        }
        var rawName = equals < 0 ? pair : pair[..equals];
        var name = Decode(rawName, work);
        var (kind, isPlain, _) = work.Names.Of(name);
        var isSecret = name.IsEmpty || kind == SecretName.Secret;
        var isKept = work.Rules.KeepsField(name);
        var shown = isPlain && isKept ? name.ToString() : BodyWork.Mark; // for a note
        if (isPlain)
            work.Write(rawName);
        else if (!rawName.IsEmpty)
            work.Write(BodyWork.Mark);
        if (!isPlain && !rawName.IsEmpty)
            work.Note("/" + BodyWork.Mark, "name");
        if (equals < 0)
            return;
        work.Write("="u8);
        var raw = pair[(equals + 1)..];
        if (isCut)
        {
            work.Write(BodyWork.Cut);
        }
        else if (!raw.IsEmpty)
        {
            var value = Decode(raw, work);
            Value(raw, value, shown, isSecret || value.IsEmpty, isKept, work);
        }
    }

    private static void Value(ReadOnlySpan<byte> raw, ReadOnlySpan<char> value, string name, bool isSecret, bool isKept, BodyWork work)
    {
        if (isSecret)
        {
            work.Masked();
            work.Write(BodyWork.Mark);
            if (isKept)
                work.Note("/" + name, "secret-name");
        }
        else if (!isKept)
        {
            var room = work.Bytes(Encoding.UTF8.GetMaxByteCount(value.Length));
            work.Write(work.Stand(room[..Encoding.UTF8.GetBytes(value, room)]));
        }
        else
        {
            var clean = work.Clean(value, out var rule);
            if (rule is null)
            {
                work.Write(raw);
                return;
            }
            work.Note("/" + name, rule);
            Encode(clean, work);
        }
    }

    // Empty also if it isn't UTF-8.
    private static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> raw, BodyWork work)
    {
        var bytes = work.Bytes(raw.Length);
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            var b = raw[i];
            if (b == '%' && i + 2 < raw.Length && byte.TryParse(raw.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var decoded))
            {
                b = decoded;
                i += 2;
            }
            else if (b == '+')
            {
                b = (byte)' ';
            }
            bytes[length++] = b;
        }
        if (!Utf8.IsValid(bytes[..length]))
            return default;
        var room = work.Chars(length);
        return room[..Encoding.UTF8.GetChars(bytes[..length], room)];
    }

    private static void Encode(ReadOnlySpan<char> value, BodyWork work)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.IsAscii && Unreserved.Contains((char)rune.Value))
            {
                work.Write([(byte)rune.Value]);
                continue;
            }
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
                work.Write([(byte)'%', (byte)"0123456789ABCDEF"[b >> 4], (byte)"0123456789ABCDEF"[b & 15]]);
        }
    }
}
