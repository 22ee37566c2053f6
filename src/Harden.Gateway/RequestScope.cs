using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Harden.Gateway;

/// <summary>
/// What the stages know of one request. A stage reads what earlier ones found and writes what it found itself, so that no stage
/// needs another's types. Set by the edge as the first thing that happens to a request; gone with it.
/// </summary>
internal sealed class RequestScope
{
    /// <summary>The request's own id: 32 lower-case hexadecimal digits, time-ordered. The record is found by it.</summary>
    public required string RequestId { get; init; }

    /// <summary>W3C trace id, 32 lower-case hexadecimal digits; every answer, log line and record carries it.</summary>
    public string TraceId { get; set; } = "";

    /// <summary>Span id of the gateway's own span, 16 lower-case hexadecimal digits.</summary>
    public string SpanId { get; set; } = "";

    /// <summary>
    /// The one path that rules see: percent-decoded once, empty segments collapsed. Empty while <see cref="Refusal"/> says the
    /// target could not be read in one way only.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>The request target's path and query as the client sent them, byte for byte: what is forwarded.</summary>
    public string RawTarget { get; set; } = "";

    /// <summary>The address of the client, taken from forwarded headers only if the peer is a named proxy.</summary>
    public IPAddress Client { get; set; } = IPAddress.None;

    /// <summary>The address of the TCP peer.</summary>
    public IPAddress Peer { get; set; } = IPAddress.None;

    /// <summary>What the edge refused, answered only after the audit stage so that it is on record; null if nothing.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>Who asks; null for nobody known.</summary>
    public Subject? Subject { get; set; }

    /// <summary>Why a bearer token that came along was not accepted, in a stable word; null if none came or it was.</summary>
    public string? TokenProblem { get; set; }

    /// <summary>True if a session cookie came along whose session is over, so that the answer can say so.</summary>
    public bool SessionOver { get; set; }

    /// <summary>
    /// The origin of the page of another site that acts here with a person's session, "" if it isn't known; null if none does. Whether it may
    /// is for the access rule to say.
    /// </summary>
    public string? ForeignOrigin { get; set; }

    /// <summary>What became of the request and which stage said so. The last word wins.</summary>
    public Decision Decision { get; set; }

    /// <summary>The name of a ReportOnly limit that would have refused, or null. Apart from <see cref="Decision"/>, because limits speak at two places.</summary>
    public string? WouldLimit { get; set; }

    /// <summary>What an administrative request acted on, such as a session, a limit's partition or a record; null for every other request.</summary>
    public string? Target { get; set; }

    /// <summary>Called about every second while bytes move in either direction; null if nobody asked. A stream uses the session it rides on.</summary>
    public Action? OnUse { get; set; }

    /// <summary>How the forwarding went; null if nothing was forwarded.</summary>
    public Upstream? Upstream { get; set; }

    /// <summary>The scope of a request. Throws if the edge has not run: a stage without an edge before it is a wiring error.</summary>
    public static RequestScope Of(HttpContext context) =>
        context.Features.Get<RequestScope>()
        ?? throw new InvalidOperationException("No RequestScope: UseEdge() must be the first stage in Program.cs.");
}

/// <summary>A refusal by the edge.</summary>
/// <param name="Status">The HTTP status to answer with.</param>
/// <param name="Reason">A stable word for the record, such as <c>encoded-slash</c>.</param>
/// <param name="Detail">One sentence for the caller: what was found and what to do.</param>
internal sealed record Refusal(int Status, string Reason, string Detail);

/// <summary>An authenticated caller. The key is <see cref="Tenant"/> plus <see cref="ObjectId"/>; the rest is for display and rules.</summary>
internal sealed class Subject
{
    /// <summary>Entra <c>tid</c>.</summary>
    public required string Tenant { get; init; }

    /// <summary>Entra <c>oid</c>; for a service its service principal's <c>oid</c>.</summary>
    public required string ObjectId { get; init; }

    /// <summary>Display name; never a key.</summary>
    public string Name { get; init; } = "";

    /// <summary>Mail address or UPN; never a key (the same address from another tenant is another person).</summary>
    public string Email { get; init; } = "";

    /// <summary>App roles (<c>roles</c> claim).</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Delegated permissions of an API caller's token (<c>scp</c> claim); empty for a browser's session.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Group object ids; empty and <see cref="GroupsOverage"/> set when the token names too many to carry.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The token said there are more groups than it carries, so a group rule can't be decided and must fail closed.</summary>
    public bool GroupsOverage { get; init; }

    /// <summary>Authentication contexts that were satisfied (<c>acrs</c> claim), such as <c>c1</c>.</summary>
    public IReadOnlyList<string> AuthContexts { get; init; } = [];

    /// <summary>When the caller proved to Entra who they are (<c>auth_time</c> claim); null if the token doesn't say.</summary>
    public DateTimeOffset? AuthenticatedAt { get; init; }

    /// <summary>How the caller proved who they are: <c>session</c>, <c>bearer</c>, <c>apikey</c>, or <c>local</c> for the command on the gateway's own machine.</summary>
    public required string Scheme { get; init; }

    /// <summary>
    /// <c>tid/oid</c>: the key of limits, sessions and records. Computed once, because it is read on every request; that is why this is no
    /// record: a copy with another tenant would keep the key of the original.
    /// </summary>
    public string Key => field ??= $"{Tenant}/{ObjectId}";

    /// <summary>Correlates the spans of one person without naming them. An object id is random, so its hash can't be undone by guessing.</summary>
    public string Pseudonym => field ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)).AsSpan(0, 16));
}

/// <summary>What was done with a request.</summary>
internal enum DecisionAction
{
    /// <summary>Nothing decided yet; in a finished record it means the client left first.</summary>
    None,

    /// <summary>Allowed and handed to the prototype.</summary>
    Forward,

    /// <summary>Answered by Harden itself: sign-in, health, console.</summary>
    Answer,

    /// <summary>Sent to sign-in, or 401 for a caller that can't be.</summary>
    SignIn,

    /// <summary>403.</summary>
    Deny,

    /// <summary>429.</summary>
    Limit,

    /// <summary>Refused by the edge: malformed or ambiguous.</summary>
    Refuse,

    /// <summary>Harden or the prototype failed: 502, 503, 504.</summary>
    Fail,
}

/// <summary>A decision and its grounds.</summary>
/// <param name="Action">What was done.</param>
/// <param name="Reason">A stable word for the record, such as <c>rule</c>, <c>default-deny</c>, <c>no-session</c>.</param>
/// <param name="Rule">The name of the deciding rule, if one decided.</param>
/// <param name="Limit">The name of the limit that refused, if one did.</param>
/// <param name="WouldDeny">The name of a ReportOnly rule that would have refused, if one would.</param>
internal readonly record struct Decision(
    DecisionAction Action, string Reason = "", string? Rule = null, string? Limit = null, string? WouldDeny = null);

/// <summary>What happened between the gateway and the prototype.</summary>
internal sealed class Upstream
{
    /// <summary>How often the request was sent.</summary>
    public int Attempts { get; set; }

    /// <summary>The forwarding error in a stable word (<c>refused</c>, <c>timeout</c>, <c>reset</c>, <c>garbage</c>), or null.</summary>
    public string? Error { get; set; }

    /// <summary>The error came after the answer had begun, so that the client has half of one.</summary>
    public bool BrokeOff { get; set; }
}
