namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>Writes redacted JSON. By hand, because nearly all of it is copied: what was read is JSON already.</summary>
internal struct JsonOutput(BodyWork work)
{
    private bool comma; // something stands before what comes next

    /// <summary>A value that is JSON as it stands.</summary>
    public void Put(ReadOnlySpan<byte> json)
    {
        var room = work.GetSpan(json.Length + 1);
        room[0] = (byte)',';
        var at = comma ? 1 : 0;
        json.CopyTo(room[at..]);
        work.Advance(at + json.Length);
        comma = true;
    }

    /// <summary>A string that needs no escape any more.</summary>
    public void PutText(ReadOnlySpan<byte> escaped)
    {
        PutQuoted(escaped, (byte)'"');
        comma = true;
    }

    /// <summary>The name of the value that comes next.</summary>
    public void PutName(ReadOnlySpan<byte> escaped)
    {
        PutQuoted(escaped, (byte)':');
        comma = false;
    }

    private readonly void PutQuoted(ReadOnlySpan<byte> escaped, byte last)
    {
        var room = work.GetSpan(escaped.Length + 4);
        room[0] = (byte)',';
        var at = comma ? 1 : 0;
        room[at++] = (byte)'"';
        escaped.CopyTo(room[at..]);
        at += escaped.Length;
        room[at++] = (byte)'"';
        room[at] = last;
        work.Advance(last == '"' ? at : at + 1);
    }

    /// <summary>Any text.</summary>
    public void PutEscaped(ReadOnlySpan<char> text)
    {
        if (comma)
            work.Write(","u8);
        work.Json.Reset();
        work.Json.WriteStringValue(text);
        work.Json.Flush();
        comma = true;
    }

    /// <summary>An object or array begins.</summary>
    public void Begin(byte bracket)
    {
        Put([bracket]);
        comma = false;
    }

    /// <summary>It ends.</summary>
    public void End(byte bracket)
    {
        work.Write([bracket]);
        comma = true;
    }
}
