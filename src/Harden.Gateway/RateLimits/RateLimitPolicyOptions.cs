using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.RateLimits;

/// <summary>One policy.</summary>
internal sealed class RateLimitPolicyOptions
{
    /// <summary>Name in the <c>RateLimit</c> fields, in records and metrics: letters, digits, dashes.</summary>
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9-]{0,62}", ErrorMessage = "is needed: 1 to 63 letters, digits or dashes.")]
    [Required(ErrorMessage = "is needed: 1 to 63 letters, digits or dashes.")]
    public string Name { get; set; } = "";

    /// <summary>
    /// What each counter belongs to; several together make one for each combination, such as <c>["Subject", "Route"]</c>. <c>Address</c>: the
    /// client's address, of IPv6 its /64; <c>Subject</c>: the signed-in caller, the address for the anonymous; <c>Tenant</c>: their tenant, the
    /// address for the anonymous; <c>ApiKey</c>: an API key, and the policy concerns nobody else; <c>Route</c>: the pattern of <c>Routes</c> or
    /// <c>Paths</c> that fits; <c>Header</c>: the value of the request header that <c>Header</c> names; <c>App</c>: one for all. Policies with
    /// <c>Address</c> but no caller are asked before sign-in, all others after the access rules. Default <c>Subject</c>.
    /// </summary>
    public PartitionBy[] By { get; set; } = [];

    /// <summary>
    /// Name of the request header that <c>By</c> <c>Header</c> counts by. A client chooses what it sends, so let another policy count it as well. Values
    /// that are long or look like credentials are kept as a hash. Default: none.
    /// </summary>
    public string? Header { get; set; }

    /// <summary>
    /// <c>Rate</c> (the default): a token bucket, <c>Permits</c> in each <c>Window</c>, evenly, and a <c>Burst</c> after a quiet time. <c>Window</c>: at most
    /// <c>Permits</c> in any span of <c>Window</c>, wherever it begins. <c>Quota</c>: at most <c>Permits</c> on one day of UTC, from midnight to midnight,
    /// whatever the clock of users or server says; kept over a restart. <c>Concurrency</c>: at most <c>Permits</c> at the same time.
    /// </summary>
    public LimitKind Kind { get; set; }

    /// <summary>Path patterns it applies to, as in access rules. Default: every path.</summary>
    public string[] Paths { get; set; } = [];

    /// <summary>HTTP methods it applies to. Default: all.</summary>
    public string[] Methods { get; set; } = [];

    /// <summary>Requests allowed in each <c>Window</c>, on each day for <c>Quota</c>, or at the same time for <c>Concurrency</c>.</summary>
    [Range(1, 10_000_000, ErrorMessage = "must be between 1 and 10000000.")]
    public int Permits { get; set; }

    /// <summary>The time that <c>Permits</c> are for, with <c>Rate</c> and <c>Window</c>. Default one minute; 100 ms to one day.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ErrorMessage = "must be between 00:00:00.1 and 1.00:00:00.", ParseLimitsInInvariantCulture = true)]
    public TimeSpan? Window { get; set; }

    /// <summary>For <c>Rate</c>: requests that may come at once after a quiet time. Default: <c>Permits</c>.</summary>
    [Range(1, 10_000_000, ErrorMessage = "must be between 1 and 10000000.")]
    public int? Burst { get; set; }

    /// <summary>How many requests one request counts for. Default 1.</summary>
    [Range(1, 1_000_000, ErrorMessage = "must be between 1 and 1000000.")]
    public int Weight { get; set; } = 1;

    /// <summary>Routes that count for more or less than <c>Weight</c>, such as a call of a language model. The first that fits decides.</summary>
    public RateLimitRouteOptions[] Routes { get; set; } = [];

    /// <summary>For <c>Concurrency</c>: how many requests may wait for a place; further ones are refused at once. Default 0.</summary>
    [Range(0, 100_000, ErrorMessage = "must be between 0 and 100000.")]
    public int Queue { get; set; }

    /// <summary>Nothing is refused; what would have been is recorded and counted. Default false.</summary>
    public bool ReportOnly { get; set; }

    /// <summary>It concerns requests of the app's listener; policies of the configuration are about the app.</summary>
    internal bool OnApp { get; init; } = true;

    /// <summary>It concerns requests of the management listener.</summary>
    internal bool OnConsole { get; init; }

    /// <summary>The owners in force.</summary>
    internal PartitionBy[] ByOrDefault => By.Length > 0 ? By : [PartitionBy.Subject];

    /// <summary>The window in force.</summary>
    internal TimeSpan WindowOrDefault => Window ?? TimeSpan.FromMinutes(1);

    /// <summary>Most permits that one request could ever get.</summary>
    internal int Capacity => Burst ?? Permits;

    /// <summary>The largest weight of any request.</summary>
    internal int LargestWeight => Routes.Select(static r => r.Weight).Append(Weight).Max();
}

/// <summary>A route with a weight of its own.</summary>
internal sealed class RateLimitRouteOptions
{
    /// <summary>Path patterns, any of which fits.</summary>
    public string[] Paths { get; set; } = [];

    /// <summary>HTTP methods, any of which fits. Default: all.</summary>
    public string[] Methods { get; set; } = [];

    /// <summary>How many requests one request counts for.</summary>
    [Range(1, 1_000_000, ErrorMessage = "must be between 1 and 1000000.")]
    public int Weight { get; set; } = 1;
}

/// <summary>What each counter of a policy belongs to.</summary>
internal enum PartitionBy
{
    /// <summary>The client's address (IPv6: its /64).</summary>
    Address,

    /// <summary>The signed-in caller; the address for the anonymous.</summary>
    Subject,

    /// <summary>An API key; the policy concerns nobody else.</summary>
    ApiKey,

    /// <summary>The caller's tenant; the address for the anonymous.</summary>
    Tenant,

    /// <summary>The path pattern that fits.</summary>
    Route,

    /// <summary>The value of a request header.</summary>
    Header,

    /// <summary>The whole app: one counter.</summary>
    App,
}

/// <summary>What is counted.</summary>
internal enum LimitKind
{
    /// <summary>A token bucket.</summary>
    Rate,

    /// <summary>A sliding window.</summary>
    Window,

    /// <summary>A day of UTC.</summary>
    Quota,

    /// <summary>Requests at the same time. A WebSocket or stream holds its place until it closes.</summary>
    Concurrency,
}
