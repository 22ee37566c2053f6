using System.ComponentModel.DataAnnotations;
using Harden.Gateway.Audit.Redaction;

namespace Harden.Gateway.Audit.Policy;

/// <summary>
/// One rule. Everything up to <see cref="Anonymous"/> says which requests it decides, and all that is given must fit; the rest says what is
/// recorded of them. A request that no rule matches is recorded at level <c>Metadata</c>.
/// </summary>
internal sealed class AuditRuleOptions
{
    /// <summary>The largest <see cref="Limit"/>, in bytes.</summary>
    public const int MaxLimit = 1024 * 1024;

    /// <summary>Name in records and counts. Default: its place in the list, such as <c>rule-1</c>.</summary>
    [MaxLength(64, ErrorMessage = "must be at most 64 characters.")]
    public string Name { get; set; } = "";

    /// <summary>Path patterns as in <c>Access:Rules</c>, any of which fits: <c>*</c> is any one segment, <c>**</c> at the end any number of them. Default: every path.</summary>
    public string[] Paths { get; set; } = [];

    /// <summary>HTTP methods, any of which fits; <c>GET</c> means <c>HEAD</c> too. Default: all.</summary>
    public string[] Methods { get; set; } = [];

    /// <summary>
    /// Media types such as <c>application/json</c>, <c>text/*</c> or <c>application/*+json</c>, any of which fits the request's or the answer's <c>Content-Type</c>. Default: all, none given too.
    /// </summary>
    public string[] ContentTypes { get; set; } = [];

    /// <summary>Statuses of the answer such as <c>401</c> or <c>5xx</c>, any of which fits. Default: all.</summary>
    public string[] Statuses { get; set; } = [];

    /// <summary>App roles, one of which the caller must have. Default: none needed.</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>Subjects as <c>tenant id/object id</c>, one of which the caller must be. Default: any.</summary>
    public string[] Subjects { get; set; } = [];

    /// <summary>How the caller proved who they are: <c>session</c>, <c>bearer</c> or <c>apikey</c>, any of which fits. Default: all, nobody known too.</summary>
    public string[] Schemes { get; set; } = [];

    /// <summary>True for callers nobody knows, false for those who are known. Default: both.</summary>
    public bool? Anonymous { get; set; }

    /// <summary>How much is recorded. Default <c>Metadata</c>.</summary>
    public AuditLevel Level { get; set; } = AuditLevel.Metadata;

    /// <summary>Why nothing is recorded: needed for level <c>None</c>, where it goes on record in place of the requests.</summary>
    [MaxLength(200, ErrorMessage = "must be at most 200 characters.")]
    public string Reason { get; set; } = "";

    /// <summary>How much of each body is kept, in bytes; the rest passes uncaptured and the record says so. Default 65536; 256 to 1048576.</summary>
    [Range(256, MaxLimit, ErrorMessage = "must be between 256 and 1048576 bytes.")]
    public int Limit { get; set; } = 64 * 1024;

    /// <summary>Request headers whose values are recorded besides those of <c>Audit:RequestHeaders</c>. Default: none.</summary>
    public string[] RequestHeaders { get; set; } = [];

    /// <summary>Response headers whose values are recorded besides those of <c>Audit:ResponseHeaders</c>. Default: none.</summary>
    public string[] ResponseHeaders { get; set; } = [];

    /// <summary>Keys of the query whose values are recorded besides those of <c>Audit:QueryKeys</c>. Default: none.</summary>
    public string[] QueryKeys { get; set; } = [];

    /// <summary>Which values of bodies are kept besides those of <c>Audit:Bodies</c>.</summary>
    public BodyOptions Bodies { get; set; } = new();
}

/// <summary>How much of a request is recorded.</summary>
internal enum AuditLevel
{
    /// <summary>Nothing but how many there were. Refusals are recorded all the same.</summary>
    None,

    /// <summary>Who, what, when, and the answer's status; no bodies.</summary>
    Metadata,

    /// <summary>The request's body too, redacted.</summary>
    Request,

    /// <summary>Both bodies, redacted, and the text of WebSocket messages.</summary>
    RequestResponse,
}
