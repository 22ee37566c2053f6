using System.Text.Json;

namespace Harden.Audit.Index;

/// <summary>What the index needs of a line, read without making an entry of it: the index must cost less than the requests it is about.</summary>
internal sealed class IndexedLine
{
    public string Stage { get; private set; } = "";

    public string BootId { get; private set; } = "";

    public long Seq { get; private set; }

    public DateTimeOffset Time { get; private set; }

    public string RequestId { get; private set; } = "";

    public string TraceId { get; private set; } = "";

    public string Subject { get; private set; } = "";

    public string Display { get; private set; } = "";

    public string Client { get; private set; } = "";

    public string Method { get; private set; } = "";

    public string Path { get; private set; } = "";

    public string Query { get; private set; } = "";

    public int Status { get; private set; }

    public string Action { get; private set; } = "";

    public string Reason { get; private set; } = "";

    public string Rule { get; private set; } = "";

    public string Limit { get; private set; } = "";

    public bool IsNotice { get; private set; }

    /// <summary>A body of it was kept.</summary>
    public bool HasBody { get; private set; }

    /// <summary>Reads a line; null if it is not an entry.</summary>
    public static IndexedLine? TryRead(ReadOnlySpan<byte> line)
    {
        try
        {
            var read = new IndexedLine();
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                read.Member(ref json);
            return read;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private void Member(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("seq"u8))
            Seq = Value(ref json).GetInt64();
        else if (json.ValueTextEquals("bootId"u8))
            BootId = Text(ref json);
        else if (json.ValueTextEquals("stage"u8))
            Stage = Text(ref json);
        else if (json.ValueTextEquals("requestId"u8))
            RequestId = Text(ref json);
        else if (json.ValueTextEquals("traceId"u8))
            TraceId = Text(ref json);
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
                case Part.Actor when json.ValueTextEquals("subject"u8): Subject = Text(ref json); break;
                case Part.Actor when json.ValueTextEquals("display"u8): Display = Text(ref json); break;
                case Part.Source when json.ValueTextEquals("client"u8): Client = Text(ref json); break;
                case Part.Http when json.ValueTextEquals("method"u8): Method = Text(ref json); break;
                case Part.Http when json.ValueTextEquals("path"u8): Path = Text(ref json); break;
                case Part.Http when json.ValueTextEquals("query"u8): Query = Text(ref json); break;
                case Part.Http when json.ValueTextEquals("status"u8): Status = Value(ref json).GetInt32(); break;
                case Part.Decision when json.ValueTextEquals("action"u8): Action = Text(ref json); break;
                case Part.Decision when json.ValueTextEquals("reason"u8): Reason = Text(ref json); break;
                case Part.Decision when json.ValueTextEquals("rule"u8): Rule = Text(ref json); break;
                case Part.Decision when json.ValueTextEquals("limit"u8): Limit = Text(ref json); break;
                case Part.Body: Object(ref json, Part.Side); break;
                case Part.Side when json.ValueTextEquals("ref"u8): HasBody |= Text(ref json).Length > 0; break;
                default: Skip(ref json); break;
            }
        }
    }

    private static ref Utf8JsonReader Value(ref Utf8JsonReader json)
    {
        json.Read();
        return ref json;
    }

    private static string Text(ref Utf8JsonReader json) => Value(ref json).GetString() ?? "";

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
