namespace Harden.Gateway.RateLimits.Shared;

/// <summary>How a policy is kept in Redis.</summary>
/// <param name="Script">What Redis does.</param>
/// <param name="Key">Begins each key, after the app's own prefix.</param>
/// <param name="First">The script's first number of its own.</param>
/// <param name="Second">The script's second number.</param>
/// <param name="All">Most permits that an owner's counter in Redis holds.</param>
/// <param name="Hold">How long permits may be handed out after they were granted; zero if none may be kept.</param>
/// <param name="Largest">Most permits kept at a time for one owner.</param>
/// <param name="Together">How long a refusal answers others too, at the least: bunches what trickles into an empty bucket.</param>
internal sealed record SharedRule(string Script, string Key, long First, long Second, int All, TimeSpan Hold, int Largest, TimeSpan Together)
{
    /// <summary>True if permits mean nothing any more once all are there again: those of a day, after it.</summary>
    public bool EndsWithReset => ReferenceEquals(Script, LimitScripts.Quota);

    private static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(250);

    /// <summary>The rule of a policy.</summary>
    public static SharedRule Of(RateLimitPolicyOptions policy) => policy.Kind switch
    {
        LimitKind.Rate => Rate(policy),
        LimitKind.Window => Window(policy),
        _ => new(LimitScripts.Quota, $"limit:quota:{policy.Name}:", policy.Permits, 0, policy.Permits, LongestHold, Share(policy.Permits, policy.Permits / 20), TimeSpan.Zero),
    };

    // Permits may be used up to Hold after Redis took them from the bucket, when the bucket holds new ones in their place. A bucket that is smaller by what
    // Hold replenishes makes up for that: then no replica, nor all together, can ever exceed what the policy says.
    private static SharedRule Rate(RateLimitPolicyOptions policy)
    {
        var interval = Math.Max(1, (long)Math.Ceiling(policy.WindowOrDefault.TotalMicroseconds / policy.Permits));
        var capacity = interval * policy.Capacity;
        var hold = Math.Min((long)LongestHold.TotalMicroseconds, capacity / 10);
        if (policy.Capacity < 10 || (capacity - hold) / interval < policy.LargestWeight)
            hold = 0; // too little to share out
        return new(LimitScripts.Rate, $"limit:rate:{policy.Name}:", interval, capacity - hold, (int)((capacity - hold) / interval), TimeSpan.FromMicroseconds(hold),
            hold == 0 ? 1 : Share(policy.Capacity, Math.Max(policy.Capacity / 20, hold / interval)), TimeSpan.FromMicroseconds(Math.Min(20_000, capacity / 10)));
    }

    // Likewise: segments that together are longer than the window by Hold.
    private static SharedRule Window(RateLimitPolicyOptions policy)
    {
        var window = policy.WindowOrDefault;
        var hold = policy.Permits < 10 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(LongestHold.Ticks, window.Ticks / 10));
        var length = (long)Math.Ceiling((window + hold).TotalMicroseconds / Counting.WindowLimiter.Parts);
        return new(LimitScripts.Window, $"limit:window:{length}:{policy.Name}:", length, policy.Permits, policy.Permits, hold, Share(policy.Permits, policy.Permits / 20), TimeSpan.Zero);
    }

    // Enough to make round trips rare, too little to starve another replica.
    private static int Share(int all, long wanted) => (int)Math.Clamp(wanted, 1, Math.Min(1000, Math.Max(1, all / 5)));
}
