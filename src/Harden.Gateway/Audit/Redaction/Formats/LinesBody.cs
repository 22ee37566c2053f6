namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>Documents that follow one another: JSON lines, and the events of a stream.</summary>
internal static class LinesBody
{
    // A line that isn't JSON costs an exception; after so many no more are tried.
    private const int MostFailures = 8;

    private static ReadOnlySpan<byte> Whitespace => " \t\r\u001e"u8;

    /// <summary>JSON lines, also with the record separators of RFC 7464. A line that isn't JSON is a star.</summary>
    public static bool WriteJson(ReadOnlySpan<byte> body, BodyWork work)
    {
        var (failures, written) = (0, 0);
        while (!body.IsEmpty)
        {
            var line = Line(ref body, out var ended).Trim(Whitespace);
            if (line.IsEmpty)
                continue;
            if (failures < MostFailures && JsonBody.TryWrite(line, work.Truncated && !ended, work))
            {
                written++;
            }
            else
            {
                failures++;
                work.Write("\"*\""u8);
                work.Masked();
            }
            work.Write("\n"u8);
        }
        return written > 0 || failures == 0;
    }

    /// <summary>Server-sent events: the data of each as JSON if it is, else as text.</summary>
    public static bool WriteEvents(ReadOnlySpan<byte> body, BodyWork work)
    {
        var failures = 0;
        while (!body.IsEmpty)
        {
            var line = Line(ref body, out var ended).TrimEnd((byte)'\r');
            var isCut = work.Truncated && !ended;
            if (line.IsEmpty)
            {
                work.Write("\n"u8);
                continue;
            }
            if (!line.StartsWith("data"u8))
            {
                Field(line, isCut, work);
                continue;
            }
            var data = ValueOf(line);
            if (!ended || body.IsEmpty || !body.StartsWith("data"u8))
            {
                work.Write("data: "u8);
                Data(data, isCut, ref failures, work);
                work.Write("\n"u8);
                continue;
            }
            // One document over several lines.
            var joined = new System.Buffers.ArrayBufferWriter<byte>(data.Length * 4);
            System.Buffers.BuffersExtensions.Write(joined, data);
            while (body.StartsWith("data"u8))
            {
                line = Line(ref body, out ended).TrimEnd((byte)'\r');
                System.Buffers.BuffersExtensions.Write(joined, "\n"u8);
                System.Buffers.BuffersExtensions.Write(joined, ValueOf(line));
            }
            work.Write("data: "u8);
            Data(joined.WrittenSpan, work.Truncated && !ended, ref failures, work);
            work.Write("\n"u8);
        }
        return true;
    }

    private static void Data(ReadOnlySpan<byte> data, bool isCut, ref int failures, BodyWork work)
    {
        if (data.IsEmpty || data.SequenceEqual("[DONE]"u8)) // how language models end a stream
        {
            work.Write(data);
            return;
        }
        if (failures < MostFailures && data[0] is (byte)'{' or (byte)'[' or (byte)'"')
        {
            if (JsonBody.TryWrite(data, isCut, work))
                return;
            failures++;
        }
        if (!work.Rules.Text)
        {
            work.Write(isCut ? "*"u8 : work.Stand(data));
            work.Masked();
            return;
        }
        var from = work.Position;
        TextBody.Write(data, isCut, "", work);
        work.Replace(from, (byte)'\n', (byte)' '); // stays one line
    }

    // Names of events and waiting times are structure; ids and comments are values.
    private static void Field(ReadOnlySpan<byte> line, bool isCut, BodyWork work)
    {
        var colon = line.IndexOf((byte)':');
        if (isCut || colon < 0)
        {
            work.Write(isCut ? "…\n"u8 : "*\n"u8);
            return;
        }
        var value = ValueOf(line);
        if (line.StartsWith("event:"u8) || line.StartsWith("retry:"u8))
        {
            var room = work.Chars(value.Length);
            var name = (ReadOnlySpan<char>)room[..System.Text.Encoding.UTF8.GetChars(value, room)];
            var isPlain = PlainName.Is(name) || line[0] == 'r' && name.Length < 10 && !name.ContainsAnyExceptInRange('0', '9');
            work.Write(line[..6]);
            work.Write(" "u8);
            work.Write(isPlain ? name : BodyWork.Mark);
        }
        else
        {
            work.Write(line.StartsWith("id:"u8) ? "id: "u8 : ": "u8);
            work.Write(value.IsEmpty ? value : work.Stand(value));
        }
        work.Write("\n"u8);
    }

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        var value = colon < 0 ? default : line[(colon + 1)..];
        return value.StartsWith(" "u8) ? value[1..] : value;
    }

    private static ReadOnlySpan<byte> Line(ref ReadOnlySpan<byte> body, out bool ended)
    {
        var length = body.IndexOf((byte)'\n');
        ended = length >= 0;
        var line = ended ? body[..length] : body;
        body = ended ? body[(length + 1)..] : default;
        return line;
    }
}
