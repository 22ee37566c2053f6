using System.Buffers;
using System.Text.Json;

namespace Harden.Audit;

/// <summary>Drafts what the log says of itself.</summary>
internal static class NoticeEntry
{
    public static ReadOnlySpan<byte> Draft(EntryStage stage, AuditNotice notice, TimeProvider time)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, stage, notice, time);
        return buffer.WrittenSpan;
    }

    public static void Write(Utf8JsonWriter json, EntryStage stage, AuditNotice notice, TimeProvider time)
    {
        json.WriteStartObject();
        json.WriteString("stage"u8, Name(stage));
        json.WriteString("time"u8, time.GetUtcNow());
        json.WriteNumber("monoNs"u8, Monotonic.Nanoseconds(time));
        json.WriteStartObject("notice"u8);
        json.WriteString("reason"u8, notice.Reason);
        json.WriteString("detail"u8, notice.Detail.Length > 1000 ? notice.Detail[..1000] : notice.Detail);
        if (notice.File.Length > 0)
            json.WriteString("file"u8, notice.File);
        json.WriteNumber("count"u8, notice.Count);
        if (notice.Root.Length > 0)
        {
            json.WriteNumber("treeSize"u8, notice.TreeSize);
            json.WriteString("root"u8, notice.Root);
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>The stage as it is written.</summary>
    public static ReadOnlySpan<byte> Name(EntryStage stage) => stage switch
    {
        EntryStage.Boot => "boot"u8,
        EntryStage.Segment => "segment"u8,
        EntryStage.Intent => "intent"u8,
        EntryStage.Progress => "progress"u8,
        EntryStage.Completion => "completion"u8,
        EntryStage.Denial => "denial"u8,
        EntryStage.Gap => "gap"u8,
        EntryStage.Notice => "notice"u8,
        _ => "end"u8,
    };
}

/// <summary>The clock that is never set back.</summary>
internal static class Monotonic
{
    public static long Nanoseconds(TimeProvider time) =>
        time.TimestampFrequency == 1_000_000_000 ? time.GetTimestamp() : (long)(time.GetTimestamp() * (1e9 / time.TimestampFrequency));
}
