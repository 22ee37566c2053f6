using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harden.Audit;

/// <summary>
/// One line of the log, as read back. What an entry does not carry is null or empty: properties are settable because generated
/// deserialisation overwrites the defaults of init-only ones.
/// </summary>
internal sealed record AuditEntry
{
    /// <summary>Version of the format; 1.</summary>
    public int V { get; set; }

    /// <summary>Id of the log directory, the same over all boots.</summary>
    public string LogId { get; set; } = "";

    /// <summary>Id of the writer's boot: one Merkle tree each.</summary>
    public string BootId { get; set; } = "";

    /// <summary>Place in the boot, from 0 without gaps: the leaf's index in the Merkle tree.</summary>
    public long Seq { get; set; }

    /// <summary>What kind of entry this is.</summary>
    public EntryStage Stage { get; set; }

    /// <summary>The request's own id; what its entries have in common. Empty for the log's own entries.</summary>
    public string RequestId { get; set; } = "";

    /// <summary>W3C trace id.</summary>
    public string TraceId { get; set; } = "";

    /// <summary>Span id of the gateway's own span.</summary>
    public string SpanId { get; set; } = "";

    /// <summary>Wall-clock time in UTC at which the entry was drafted.</summary>
    public DateTimeOffset Time { get; set; }

    /// <summary>Monotonic nanoseconds; comparable within one boot, also when the wall clock is set back.</summary>
    public long MonoNs { get; set; }

    public AuditActor? Actor { get; set; }

    public AuditSource? Source { get; set; }

    public AuditHttp? Http { get; set; }

    public AuditBodies? Body { get; set; }

    public AuditDecision? Decision { get; set; }

    public AuditUpstream? Upstream { get; set; }

    public AuditTiming? Timing { get; set; }

    public IReadOnlyList<AuditRedaction> Redactions { get; set; } = [];

    /// <summary>What the log says of itself: boot, torn tail, gap, tampering. Null for entries of requests.</summary>
    public AuditNotice? Notice { get; set; }

    /// <summary>Reads one line; null if it is not an entry.</summary>
    public static AuditEntry? TryParse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, AuditJson.Default.AuditEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Kinds of entries.</summary>
internal enum EntryStage
{
    /// <summary>A writer started: first entry of its boot.</summary>
    [JsonStringEnumMemberName("boot")]
    Boot,

    /// <summary>A further segment of the same boot begins.</summary>
    [JsonStringEnumMemberName("segment")]
    Segment,

    /// <summary>Somebody asks for something; durable before it is forwarded.</summary>
    [JsonStringEnumMemberName("intent")]
    Intent,

    /// <summary>An exchange that is still running.</summary>
    [JsonStringEnumMemberName("progress")]
    Progress,

    /// <summary>How an exchange ended; the intent says what it was.</summary>
    [JsonStringEnumMemberName("completion")]
    Completion,

    /// <summary>A request that was never forwarded, in one entry: denied, limited, refused, or answered by Harden itself.</summary>
    [JsonStringEnumMemberName("denial")]
    Denial,

    /// <summary>Entries are missing, and how many.</summary>
    [JsonStringEnumMemberName("gap")]
    Gap,

    /// <summary>Something happened to the log itself.</summary>
    [JsonStringEnumMemberName("notice")]
    Notice,

    /// <summary>The writer stopped in order: last entry of its boot.</summary>
    [JsonStringEnumMemberName("end")]
    End,
}

/// <summary>Who asked.</summary>
internal sealed record AuditActor(string Tenant = "", string Subject = "", string Display = "", string Scheme = "", IReadOnlyList<string>? Roles = null);

/// <summary>From where.</summary>
internal sealed record AuditSource(string Peer = "", string Client = "", string UserAgent = "");

/// <summary>The exchange. Headers hold allow-listed names only.</summary>
internal sealed record AuditHttp
{
    public string Method { get; set; } = "";

    public string Route { get; set; } = "";

    /// <summary>The path that rules saw; of a refused target the part of the raw target before the question mark.</summary>
    public string Path { get; set; } = "";

    /// <summary>The query without its question mark, values redacted.</summary>
    public string Query { get; set; } = "";

    public string Host { get; set; } = "";

    public string Version { get; set; } = "";

    public IReadOnlyDictionary<string, string> RequestHeaders { get; set; } = new Dictionary<string, string>();

    /// <summary>Status of the answer; 0 if none was sent.</summary>
    public int Status { get; set; }

    public IReadOnlyDictionary<string, string> ResponseHeaders { get; set; } = new Dictionary<string, string>();
}

/// <summary>Both bodies.</summary>
/// <param name="Request">What the client sent.</param>
/// <param name="Response">What it was answered.</param>
/// <param name="Rule">The audit rule that said what to record of them; empty if none did.</param>
/// <param name="ClosedBy">Of a WebSocket: who closed it first, <c>client</c>, <c>prototype</c> or <c>nobody</c>; empty while it is open.</param>
internal sealed record AuditBodies(AuditBody? Request = null, AuditBody? Response = null, string Rule = "", string ClosedBy = "");

/// <summary>One body.</summary>
internal sealed record AuditBody
{
    /// <summary>Bytes that passed, without framing.</summary>
    public long Bytes { get; set; }

    /// <summary>Bytes of it that were kept.</summary>
    public long Captured { get; set; }

    /// <summary>More passed than was kept.</summary>
    public bool Truncated { get; set; }

    /// <summary>Its Content-Encoding.</summary>
    public string Encoding { get; set; } = "";

    /// <summary>Keyed hash of the kept bytes.</summary>
    public string Hmac { get; set; } = "";

    /// <summary>Name of the blob that holds the kept bytes.</summary>
    public string Ref { get; set; } = "";

    /// <summary>Why nothing was kept, such as <c>level</c>, <c>content-type</c>, <c>undecodable</c>.</summary>
    public string NotCaptured { get; set; } = "";

    /// <summary>How it ended: <c>complete</c>, <c>unread</c>, <c>aborted</c> (client), <c>reset</c> (prototype); empty while it runs or if there is none.</summary>
    public string End { get; set; } = "";

    /// <summary>Of a WebSocket: its frames. Else null.</summary>
    public AuditFrames? Frames { get; set; }

    /// <summary>Of a gRPC call: its messages.</summary>
    public long Messages { get; set; }
}

/// <summary>Frames of one direction of a WebSocket, by kind; fragments after a message's first are continuations.</summary>
internal sealed record AuditFrames
{
    public long Text { get; set; }

    public long Binary { get; set; }

    public long Continuation { get; set; }

    public long Close { get; set; }

    public long Ping { get; set; }

    public long Pong { get; set; }

    /// <summary>Messages that permessage-deflate has compressed.</summary>
    public long Compressed { get; set; }

    /// <summary>Bytes of payload.</summary>
    public long Payload { get; set; }

    /// <summary>Code of the close frame; 0 if there was none.</summary>
    public int CloseCode { get; set; }

    /// <summary>Bytes that are no frames.</summary>
    public long Unparsed { get; set; }
}

/// <summary>What was done, and why.</summary>
internal sealed record AuditDecision(string Action = "", string Reason = "", string? Rule = null, string? RuleVersion = null, string? Limit = null, string? WouldDeny = null, string? WouldLimit = null, string? Target = null)
{
    /// <summary>How many more like it came from the same client (or its network, an IPv6 /64) and have no entry of their own: those of a flood.</summary>
    public long More { get; set; }

    /// <summary>When the first of them came; null if there are none.</summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>They came from so many clients that these are not told apart.</summary>
    public bool SeveralClients { get; set; }
}

/// <summary>What happened between the gateway and the prototype.</summary>
internal sealed record AuditUpstream(string? Error = null, int Attempts = 0);

/// <summary>Microseconds since the request arrived.</summary>
/// <param name="TotalUs">Until the entry was drafted.</param>
/// <param name="IntentUs">Spent on waiting for the intent to be durable.</param>
/// <param name="FirstByteUs">Until the response started; 0 if it did not.</param>
internal sealed record AuditTiming(long TotalUs = 0, long IntentUs = 0, long FirstByteUs = 0);

/// <summary>A value that was taken out before anything was written.</summary>
/// <param name="Pointer">Where, such as <c>/http/query/token</c>.</param>
/// <param name="Rule">The rule that took it.</param>
internal sealed record AuditRedaction(string Pointer = "", string Rule = "");

/// <summary>A statement of the log about itself.</summary>
internal sealed record AuditNotice
{
    /// <summary>A stable word: <c>torn-tail</c>, <c>write-failed</c>, <c>segment-vanished</c>, …</summary>
    public string Reason { get; set; } = "";

    /// <summary>One sentence for a reader.</summary>
    public string Detail { get; set; } = "";

    /// <summary>The file it is about.</summary>
    public string File { get; set; } = "";

    /// <summary>How many entries or bytes.</summary>
    public long Count { get; set; }

    /// <summary>Of an earlier boot or segment: how many entries it holds.</summary>
    public long TreeSize { get; set; }

    /// <summary>Of an earlier boot or segment: its Merkle root, in base64.</summary>
    public string Root { get; set; } = "";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, PropertyNameCaseInsensitive = false, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditEntry))]
internal sealed partial class AuditJson : JsonSerializerContext;
