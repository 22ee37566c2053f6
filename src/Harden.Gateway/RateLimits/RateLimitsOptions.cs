using System.ComponentModel.DataAnnotations;

namespace Harden.Gateway.RateLimits;

/// <summary>
/// Section <c>RateLimits</c>: how much of the app one caller may use. Every policy that concerns a request is asked; if several refuse, the one
/// that asks for the longest wait answers, and what the others had granted is given back.
/// </summary>
internal sealed class RateLimitsOptions
{
    /// <summary>
    /// Adds generous policies that keep one runaway client from taking the app down: <c>default-address</c> (100 requests a second, bursts of 1,000, for
    /// each address), <c>default-signin</c> (60 a minute, bursts of 120, at the sign-in addresses, for each address), <c>default-subject</c> (50 a second,
    /// bursts of 500, for each signed-in caller) and <c>default-console</c> (as <c>default-address</c>, for the management listener, where no other policy
    /// but that of sign-in holds, so that whoever has used up a limit can still be let off it). Default true.
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

    /// <summary>
    /// Most counters that each policy keeps at a time in one replica, and adds to Redis, whoever floods it with new names; beyond it newcomers
    /// share one counter. A few hundred bytes each. Default 200000; 100 to 5000000.
    /// </summary>
    [Range(100, 5_000_000, ErrorMessage = "must be between 100 and 5000000.")]
    public int MaxPartitions { get; set; } = 200_000;

    /// <summary>Further policies.</summary>
    public RateLimitPolicyOptions[] Policies { get; set; } = [];

    /// <summary>Every policy in force.</summary>
    internal RateLimitPolicyOptions[] All => !Defaults ? Policies :
    [
        new() { Name = "default-address", By = [PartitionBy.Address], Permits = 100, Window = TimeSpan.FromSeconds(1), Burst = 1000 },
        // Two requests a sign-in: an office of sixty behind one address may start its day together, a guesser of codes may not go on for long.
        new() { Name = "default-signin", By = [PartitionBy.Address], Paths = [ReservedPrefix.Path + "/signin/**"], Permits = 60, Burst = 120, OnConsole = true },
        new() { Name = "default-subject", By = [PartitionBy.Subject], Permits = 50, Window = TimeSpan.FromSeconds(1), Burst = 500 },
        new() { Name = "default-console", By = [PartitionBy.Address], Permits = 100, Window = TimeSpan.FromSeconds(1), Burst = 1000, OnApp = false, OnConsole = true },
        .. Policies,
    ];
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
