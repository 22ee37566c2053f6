using System.Text.Json;

namespace Harden.Audit.Index;

/// <summary>
/// What the index needs of a line, read without making an entry of it, nor any string: the index must cost less than the requests it is about. One is used for
/// line after line; what it gives out holds until the next is read.
/// </summary>
internal sealed class IndexedLine
{
    private char[] text = new char[4096];
    private int used;
    private Range stage, bootId, requestId, traceId, subject, display, client, method, path, query, action, reason, rule, limit;

    public ReadOnlySpan<char> Stage => text.AsSpan(stage);

    public ReadOnlySpan<char> BootId => text.AsSpan(bootId);

    public long Seq { get; private set; }

    public DateTimeOffset Time { get; private set; }

    public ReadOnlySpan<char> RequestId => text.AsSpan(requestId);

    public ReadOnlySpan<char> TraceId => text.AsSpan(traceId);

    public ReadOnlySpan<char> Subject => text.AsSpan(subject);

    public ReadOnlySpan<char> Display => text.AsSpan(display);

    public ReadOnlySpan<char> Client => text.AsSpan(client);

    public ReadOnlySpan<char> Method => text.AsSpan(method);

    public ReadOnlySpan<char> Path => text.AsSpan(path);

    public ReadOnlySpan<char> Query => text.AsSpan(query);

    public int Status { get; private set; }

    public ReadOnlySpan<char> Action => text.AsSpan(action);

    public ReadOnlySpan<char> Reason => text.AsSpan(reason);

    public ReadOnlySpan<char> Rule => text.AsSpan(rule);

    public ReadOnlySpan<char> Limit => text.AsSpan(limit);

    public bool IsNotice { get; private set; }

    /// <summary>A body of it was kept.</summary>
    public bool HasBody { get; private set; }

    /// <summary>Reads a line; false if it is not an entry.</summary>
    public bool TryRead(ReadOnlySpan<byte> line)
    {
        used = 0;
        stage = bootId = requestId = traceId = subject = display = client = method = path = query = action = reason = rule = limit = default;
        (Seq, Time, Status, IsNotice, HasBody) = (0, default, 0, false, false);
        if (text.Length < line.Length)
            text = new char[line.Length]; // no text has more characters than bytes
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                Member(ref json);
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private void Member(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("seq"u8))
            Seq = Value(ref json).GetInt64();
        else if (json.ValueTextEquals("bootId"u8))
            bootId = Text(ref json);
        else if (json.ValueTextEquals("stage"u8))
            stage = Text(ref json);
        else if (json.ValueTextEquals("requestId"u8))
            requestId = Text(ref json);
        else if (json.ValueTextEquals("traceId"u8))
            traceId = Text(ref json);
        else if (json.ValueTextEquals("time"u8))
            Time = Value(ref json).GetDateTimeOffset();
        else if (json.ValueTextEquals("actor"u8))
            Object(ref json, Part.Actor);
        else if (json.ValueTextEquals("source"u8))
            Object(ref json, Part.Source);
        else if (json.ValueTextEquals("http"u8))
            Object(ref json, Part.Http);
        else if (json.ValueTextEquals("decision"u8))
            Object(ref json, Part.Decision);
        else if (json.ValueTextEquals("body"u8))
            Object(ref json, Part.Body);
        else
        {
            IsNotice |= json.ValueTextEquals("notice"u8);
            Skip(ref json);
        }
    }

    private void Object(ref Utf8JsonReader json, Part part)
    {
        if (Value(ref json).TokenType != JsonTokenType.StartObject)
            return;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            switch (part)
            {
                case Part.Actor when json.ValueTextEquals("subject"u8): subject = Text(ref json); break;
                case Part.Actor when json.ValueTextEquals("display"u8): display = Text(ref json); break;
                case Part.Source when json.ValueTextEquals("client"u8): client = Text(ref json); break;
                case Part.Http when json.ValueTextEquals("method"u8): method = Text(ref json); break;
                case Part.Http when json.ValueTextEquals("path"u8): path = Text(ref json); break;
                case Part.Http when json.ValueTextEquals("query"u8): query = Text(ref json); break;
                case Part.Http when json.ValueTextEquals("status"u8): Status = Value(ref json).GetInt32(); break;
                case Part.Decision when json.ValueTextEquals("action"u8): action = Text(ref json); break;
                case Part.Decision when json.ValueTextEquals("reason"u8): reason = Text(ref json); break;
                case Part.Decision when json.ValueTextEquals("rule"u8): rule = Text(ref json); break;
                case Part.Decision when json.ValueTextEquals("limit"u8): limit = Text(ref json); break;
                case Part.Body: Object(ref json, Part.Side); break;
                case Part.Side when json.ValueTextEquals("ref"u8): HasBody |= text.AsSpan(Text(ref json)).Length > 0; break;
                default: Skip(ref json); break;
            }
        }
    }

    private static ref Utf8JsonReader Value(ref Utf8JsonReader json)
    {
        json.Read();
        return ref json;
    }

    private Range Text(ref Utf8JsonReader json)
    {
        if (Value(ref json).TokenType == JsonTokenType.Null)
            return default;
        var from = used;
        used += json.CopyString(text.AsSpan(from));
        return from..used;
    }

    private static void Skip(ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
    }

    private enum Part
    {
        Actor,
        Source,
        Http,
        Decision,
        Body,
        Side,
    }
}
