using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.RateLimits;

/// <summary>Section <c>RateLimits</c>: how much of the app one caller may use. Every policy that matches is asked; the tightest answers.</summary>
internal sealed class RateLimitsOptions
{
    /// <summary>
    /// Adds two generous policies that keep one runaway client from taking the app down: <c>default-address</c> (100 requests a second,
    /// bursts of 1,000, for each address) and <c>default-subject</c> (50 a second, bursts of 500, for each signed-in caller). Default true.
    /// </summary>
    public bool Defaults { get; set; } = true;

    /// <summary>
    /// What happens while Redis can't be asked: <c>Local</c> (the default) lets each replica enforce its share of the limit, <c>Deny</c>
    /// refuses, <c>Allow</c> lets through. Without Redis there is one replica, which enforces the whole limit in memory.
    /// </summary>
    public StoreFailure OnStoreFailure { get; set; }

    /// <summary>How long a request may wait for Redis. Default 20 ms; 1 ms to 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:01", ErrorMessage = "must be between 00:00:00.001 and 00:00:01.", ParseLimitsInInvariantCulture = true)]
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Further policies.</summary>
    public RateLimitPolicyOptions[] Policies { get; set; } = [];
}

/// <summary>One policy.</summary>
internal sealed class RateLimitPolicyOptions
{
    /// <summary>Name in the <c>RateLimit</c> fields, in records and metrics: letters, digits, dashes.</summary>
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9-]{0,62}", ErrorMessage = "is needed: 1 to 63 letters, digits or dashes.")]
    [Required(ErrorMessage = "is needed: 1 to 63 letters, digits or dashes.")]
    public string Name { get; set; } = "";

    /// <summary>What each counter belongs to. Default <c>Subject</c>.</summary>
    public PartitionBy By { get; set; } = PartitionBy.Subject;

    /// <summary><c>Rate</c> (requests in a time, the default) or <c>Concurrency</c> (requests at the same time).</summary>
    public LimitKind Kind { get; set; } = LimitKind.Rate;

    /// <summary>Path patterns it applies to, as in access rules. Default: every path.</summary>
    public string[] Paths { get; set; } = [];

    /// <summary>Requests allowed in each <see cref="Window"/>, or at the same time for <c>Concurrency</c>.</summary>
    [Range(1, 10_000_000, ErrorMessage = "must be between 1 and 10000000.")]
    public int Permits { get; set; }

    /// <summary>The time in which <see cref="Permits"/> are replenished, evenly. Default one minute; 100 ms to one day.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ErrorMessage = "must be between 00:00:00.1 and 1.00:00:00.", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Requests that may come at once after a quiet time. Default: <see cref="Permits"/>.</summary>
    [Range(1, 10_000_000, ErrorMessage = "must be between 1 and 10000000.")]
    public int? Burst { get; set; }

    /// <summary>How many requests one request counts for, so that a costly route uses the budget faster. Default 1.</summary>
    [Range(1, 1_000_000, ErrorMessage = "must be between 1 and 1000000.")]
    public int Weight { get; set; } = 1;

    /// <summary>For <c>Concurrency</c>: how many requests may wait for a place; further ones are refused at once. Default 0.</summary>
    [Range(0, 100_000, ErrorMessage = "must be between 0 and 100000.")]
    public int Queue { get; set; }

    /// <summary>Nothing is refused; what would have been is recorded and counted. Default false.</summary>
    public bool ReportOnly { get; set; }
}

/// <summary>What happens to limited requests while Redis can't be asked.</summary>
internal enum StoreFailure
{
    /// <summary>Each replica enforces its share.</summary>
    Local,

    /// <summary>They are refused.</summary>
    Deny,

    /// <summary>They pass.</summary>
    Allow,
}

/// <summary>What each counter of a policy belongs to.</summary>
internal enum PartitionBy
{
    /// <summary>The client's address (IPv6: its /64). Checked before identity.</summary>
    Address,

    /// <summary>The signed-in caller; the address for the anonymous.</summary>
    Subject,

    /// <summary>The caller's tenant; the address for the anonymous.</summary>
    Tenant,

    /// <summary>The whole app: one counter.</summary>
    App,
}

/// <summary>What is counted.</summary>
internal enum LimitKind
{
    /// <summary>Requests in a time.</summary>
    Rate,

    /// <summary>Requests at the same time. A WebSocket or stream holds its place until it closes.</summary>
    Concurrency,
}
