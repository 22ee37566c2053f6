using System.ComponentModel.DataAnnotations;
using Harden.Audit.Retention;
using Harden.Gateway.Audit.Policy;
using Harden.Gateway.Audit.Redaction;

namespace Harden.Gateway.Audit;

/// <summary>Section <c>Audit</c>: the record of who asked for what.</summary>
internal sealed class AuditOptions
{
    /// <summary>What is promised. Default <c>Strict</c>.</summary>
    public AuditGuarantee Guarantee { get; set; } = AuditGuarantee.Strict;

    /// <summary>
    /// Request headers whose values are recorded, besides <c>Accept</c>, <c>Accept-Language</c>, <c>Content-*</c>, <c>Origin</c>, <c>Referer</c>, <c>Range</c>, <c>Upgrade</c>,
    /// <c>Sec-Fetch-Site</c>, <c>Sec-Fetch-Mode</c>, <c>User-Agent</c> and <c>X-Requested-With</c>. Default: none. Headers that carry credentials are refused.
    /// </summary>
    public string[] RequestHeaders { get; set; } = [];

    /// <summary>
    /// Response headers whose values are recorded, besides <c>Content-*</c>, <c>Location</c>, <c>Cache-Control</c> and <c>Retry-After</c>. Default: none. <c>Set-Cookie</c> is refused.
    /// </summary>
    public string[] ResponseHeaders { get; set; } = [];

    /// <summary>
    /// Keys of the query whose values are recorded, such as <c>customer</c>, besides harmless ones like <c>page</c> and <c>sort</c>. The values of all other keys
    /// are replaced by <c>*</c> before anything is written, and so is whatever looks like a credential.
    /// </summary>
    public string[] QueryKeys { get; set; } = [];

    /// <summary>What is kept of bodies, wherever a rule captures them.</summary>
    public BodyOptions Bodies { get; set; } = new();

    /// <summary>
    /// Values that are taken out of bodies leave a pseudonym such as <c>~k1:8cWyVY3bqP0d</c> in place of <c>*</c>, the same for equal values, so that they can be told apart without being
    /// read. Secrets and yes-or-no values leave none. Default false. Takes effect at the next start.
    /// </summary>
    public bool Pseudonyms { get; set; }

    /// <summary>
    /// File of the keys of pseudonyms, one a line, <c>ID BASE64</c>; the first is in use, and a line above replaces it. Default: <c>audit-key/pseudonyms.key</c> in the state directory,
    /// created when it is first needed. Takes effect at the next start.
    /// </summary>
    public string PseudonymKey { get; set; } = "";

    /// <summary>
    /// How much of which request is recorded: tried in order, and the first that fits decides. Default: none, so that everything is recorded at level <c>Metadata</c>.
    /// </summary>
    public AuditRuleOptions[] Rules { get; set; } = [];

    /// <summary>Memory that the captured beginnings of all bodies together may take, in MiB; beyond it they pass uncaptured and the record says so. Default 256; 1 to 65536.</summary>
    [Range(1, 65536, ErrorMessage = "must be between 1 and 65536 MiB.")]
    public int CaptureMiB { get; set; } = 256;

    /// <summary>The index by which the record is searched.</summary>
    public IndexOptions Index { get; set; } = new();

    /// <summary>
    /// Send one OpenTelemetry log record for each finished exchange too, with the same redacted fields and no bodies, to where the variables of OpenTelemetry send logs. For a SIEM; the audit
    /// log stays the record: records that find no room are dropped and counted. Default false.
    /// </summary>
    public bool LogRecords { get; set; }

    /// <summary>Record probes of <c>/.harden/health/</c> too. Default false: they come every few seconds and say nothing about people.</summary>
    public bool HealthProbes { get; set; }

    /// <summary>
    /// Refusals of callers without identity (401, 403, 429, …) that are recorded one by one, in a second: of all of them together so many and of one address a tenth, for a while ten times as
    /// many. Beyond that one entry for each address and reason, every ten seconds, says how many more there were, so that a flood doesn't push the rest out of the record. Refusals of callers
    /// who are known are always recorded one by one. Default 100; 1 to 100000, or 0 to record each.
    /// </summary>
    [Range(0, 100_000, ErrorMessage = "must be between 0 and 100000; 0 records each refusal.")]
    public int RefusalsPerSecond { get; set; } = 100;

    /// <summary>How often a stream, upload or WebSocket that is still running is recorded again while bytes flow. Default 30 seconds; 1 second to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "must be between 00:00:01 and 01:00:00.")]
    public TimeSpan Progress { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// File of the private key (ECDSA P-256, PEM) that signs checkpoints of the log. Default: <c>audit-key/checkpoint.pem</c> in the state directory, created at the
    /// first start. Takes effect at the next start.
    /// </summary>
    public string CheckpointKey { get; set; } = "";

    /// <summary>
    /// File of the keys that seal recorded bodies: 32 bytes in base64, one a line; the first seals, all open. Default: <c>audit-key/bodies.key</c> in the state directory,
    /// created at the first start. Takes effect at the next start.
    /// </summary>
    public string BodyKey { get; set; } = "";

    /// <summary>
    /// A file on another disk or share that gets a copy of each checkpoint, so that cutting the log and its checkpoint together shows too. Default: none. Takes
    /// effect at the next start.
    /// </summary>
    public string CheckpointCopy { get; set; } = "";

    /// <summary>A file of the log is closed and the next begun at this size, in MiB. Default 128; 1 to 4096. Takes effect at the next start.</summary>
    [Range(1, 4096, ErrorMessage = "must be between 1 and 4096 MiB.")]
    public int SegmentMiB { get; set; } = 128;

    /// <summary>A file of the log is closed and the next begun after so many hours too, so that retention can delete it. Default 24; 1 to 720. Takes effect at the next start.</summary>
    [Range(1, 720, ErrorMessage = "must be between 1 and 720 hours.")]
    public int SegmentHours { get; set; } = 24;

    /// <summary>What is kept. Default: everything.</summary>
    public AuditRetentionOptions Retention { get; set; } = new();

    /// <summary>
    /// Space kept back on the disk, in MiB, so that requests already forwarded when it fills can be recorded to their end. Default 8; 0 to 1024, 0 for none. Takes
    /// effect at the next start.
    /// </summary>
    [Range(0, 1024, ErrorMessage = "must be between 0 and 1024 MiB.")]
    public int ReserveMiB { get; set; } = 8;
}

/// <summary>
/// How long the log is kept. Whole files are deleted with the bodies beside them, the oldest first; a signed tombstone stays in their place and each deletion is on record.
/// Nothing is deleted while a legal hold is in force.
/// </summary>
internal sealed class AuditRetentionOptions
{
    /// <summary>Days that an entry is kept at least; its file goes when the newest entry in it is older. Default 0: for ever.</summary>
    [Range(0, 36500, ErrorMessage = "must be between 0 and 36500 days, 0 for ever.")]
    public int Days { get; set; }

    /// <summary>The log and its bodies may take so many GiB; beyond that the oldest files go, however young. Default 0: no limit.</summary>
    [Range(0, 1048576, ErrorMessage = "must be between 0 and 1048576 GiB, 0 for no limit.")]
    public int MaxGiB { get; set; }

    internal RetentionLimits Limits() => new(Days > 0 ? TimeSpan.FromDays(Days) : null, MaxGiB * 1024L * 1024 * 1024);
}

/// <summary>What is promised of the record.</summary>
internal enum AuditGuarantee
{
    /// <summary>Nothing reaches the app before its record is on the disk. If it can't be, the request is answered with 503.</summary>
    Strict,

    /// <summary>The record is on the disk within a fraction of a second; a crash may lose that much. Requests pass also while the log can't be written.</summary>
    Buffered,
}
