namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>Writes redacted JSON. By hand, because nearly all of it is copied: what was read is JSON already.</summary>
internal struct JsonOutput(BodyWork work)
{
    private bool comma; // something stands before what comes next

    /// <summary>A value that is JSON as it stands.</summary>
    public void Put(ReadOnlySpan<byte> json)
    {
        if (comma)
            work.Write(","u8);
        work.Write(json);
        comma = true;
    }

    /// <summary>A string that needs no escape any more.</summary>
    public void PutText(ReadOnlySpan<byte> escaped)
    {
        var room = work.Room(escaped.Length + 3);
        var at = 0;
        if (comma)
            room[at++] = (byte)',';
        room[at++] = (byte)'"';
        escaped.CopyTo(room[at..]);
        at += escaped.Length;
        room[at++] = (byte)'"';
        work.Wrote(at);
        comma = true;
    }

    /// <summary>The name of the value that comes next.</summary>
    public void PutName(ReadOnlySpan<byte> escaped)
    {
        PutText(escaped);
        work.Write(":"u8);
        comma = false;
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
