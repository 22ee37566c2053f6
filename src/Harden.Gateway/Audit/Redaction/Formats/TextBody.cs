using System.Text;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>Text of any kind: all of it but what looks like a secret, and of what was cut off its last word.</summary>
internal static class TextBody
{
    public static bool Write(ReadOnlySpan<byte> body, bool truncated, string below, BodyWork work)
    {
        var room = work.Chars(body.Length);
        var text = (ReadOnlySpan<char>)room[..Encoding.UTF8.GetChars(body, room)];
        if (truncated)
            text = text[..SecretShape.SafeLength(text)];
        work.Write(work.Clean(text, out var rule));
        if (rule is not null)
            work.Note(below, rule);
        if (truncated)
            work.Write(BodyWork.Cut);
        return true;
    }
}
