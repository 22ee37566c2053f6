using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Harden.Gateway.RateLimits;

/// <summary>
/// A token bucket for each key, shared by all replicas. Each replica takes permits from Redis in small batches and hands them out
/// itself, so that a busy key costs a fraction of a round trip for each request. Permits come from one place only, so their sum over all
/// replicas never exceeds the limit; what a replica holds back unused is at most one batch a key and lapses after <see cref="Hold"/>.
/// </summary>
internal sealed class SharedGcraLimiter : PartitionedRateLimiter<PartitionKey>
{
    /// <summary>How long a batch may be handed out after it was granted.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<PartitionKey, Batch> batches = new();
    private readonly LimitStore store;
    private readonly TimeProvider time;
    private readonly RateLimitPolicyOptions policy;
    private readonly RateLimitsOptions options;
    private readonly long interval;
    private readonly long capacity;
    private readonly int largest;
    private volatile GcraLimiter? share;
    private int shareOf;
    private int count;
    private long nextSweep;

    /// <summary>Makes a limiter.</summary>
    public SharedGcraLimiter(RateLimitPolicyOptions policy, RateLimitsOptions options, LimitStore store, TimeProvider time)
    {
        (this.policy, this.options, this.store, this.time) = (policy, options, store, time);
        var burst = policy.Burst ?? policy.Permits;
        interval = Math.Max(1, (long)Math.Ceiling(policy.Window.TotalMicroseconds / policy.Permits));
        capacity = interval * burst;
        // A twentieth of the bucket, or what a quarter second replenishes: enough to make round trips rare, too little to starve another replica.
        largest = (int)Math.Clamp(Math.Max(burst / 20, Hold.TotalMicroseconds / interval), 1, Math.Min(1000, Math.Max(1, burst / 5)));
    }

    /// <inheritdoc />
    public override RateLimiterStatistics? GetStatistics(PartitionKey resource) =>
        batches.TryGetValue(resource, out var batch) ? new() { CurrentAvailablePermits = batch.Remaining } : null;

    /// <inheritdoc />
    protected override RateLimitLease AttemptAcquireCore(PartitionKey resource, int permitCount) =>
        Local(resource, permitCount) ?? throw new NotSupportedException("Asking Redis takes an await: use AcquireAsync.");

    /// <inheritdoc />
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(PartitionKey resource, int permitCount, CancellationToken cancellationToken) =>
        Local(resource, permitCount) is { } lease ? ValueTask.FromResult<RateLimitLease>(lease) : FetchAsync(resource, permitCount);

    private GcraLimiter.Lease? Local(PartitionKey key, int weight) =>
        batches.TryGetValue(key, out var batch) ? batch.Answer(weight, time.GetTimestamp(), time) : null;

    private async ValueTask<RateLimitLease> FetchAsync(PartitionKey key, int weight)
    {
        var batch = Find(key);
        await batch.Gate.WaitAsync(); // one round trip a key at a time; those who waited find its batch
        try
        {
            var now = time.GetTimestamp();
            if (batch.Answer(weight, now, time) is { } lease)
                return lease;
            var want = Math.Max(weight, batch.NextSize(now, time.TimestampFrequency, largest));
            if (await store.TryTakeAsync($"limit:{policy.Name}:{key}", interval, capacity, want, weight, options.StoreTimeout) is not { } grant)
                return Fallback(key, weight);
            now = time.GetTimestamp();
            return batch.Fill(grant, weight, now, time);
        }
        finally
        {
            batch.Gate.Release();
        }
    }

    private RateLimitLease Fallback(PartitionKey key, int weight) => options.OnStoreFailure switch
    {
        StoreFailure.Allow => new GcraLimiter.Lease(true, 0, TimeSpan.Zero, TimeSpan.Zero),
        StoreFailure.Deny => new GcraLimiter.Lease(false, 0, TimeSpan.FromSeconds(1), TimeSpan.Zero),
        _ => Share().AttemptAcquire(key, weight),
    };

    // Each replica enforces its part of the limit, so that together they stay within it.
    private GcraLimiter Share()
    {
        var replicas = store.Replicas;
        if (share is null || shareOf != replicas)
        {
            shareOf = replicas;
            share = new(Math.Max(1, policy.Permits / replicas), policy.Window, Math.Max(policy.Weight, (policy.Burst ?? policy.Permits) / replicas), time);
        }
        return share;
    }

    private Batch Find(PartitionKey key)
    {
        if (batches.TryGetValue(key, out var batch))
            return batch;
        if (Volatile.Read(ref count) >= GcraLimiter.MaxKeys)
        {
            Sweep();
            if (Volatile.Read(ref count) >= GcraLimiter.MaxKeys)
                return new(); // all are live: the newcomer asks Redis each time and nobody keeps its batch
        }
        var added = new Batch();
        batch = batches.GetOrAdd(key, added);
        if (ReferenceEquals(batch, added))
            Interlocked.Increment(ref count);
        return batch;
    }

    // Keys whose batch has lapsed hold nothing. A request that still has one in hand loses at most the permits it fetches.
    private void Sweep()
    {
        var now = time.GetTimestamp();
        if (now < Volatile.Read(ref nextSweep))
            return;
        Volatile.Write(ref nextSweep, now + time.TimestampFrequency);
        foreach (var pair in batches)
        {
            if (pair.Value.Lapsed(now) && batches.TryRemove(pair))
                Interlocked.Decrement(ref count);
        }
    }

    /// <summary>What this replica holds of one key.</summary>
    private sealed class Batch
    {
        private long permits;
        private long lapses;
        private long deniedUntil;
        private int deniedWeight = int.MaxValue;
        private long fetched;
        private int size = 1;
        private TimeSpan reset;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public long Remaining { get; private set; }

        public bool Lapsed(long now) => now >= Volatile.Read(ref lapses) && now >= Volatile.Read(ref deniedUntil);

        /// <summary>The answer if this replica knows it: permits in hand, or a refusal that can't have changed yet.</summary>
        public GcraLimiter.Lease? Answer(int weight, long now, TimeProvider time)
        {
            if (now < Volatile.Read(ref lapses))
            {
                for (var held = Volatile.Read(ref permits); held >= weight; held = Volatile.Read(ref permits))
                {
                    if (Interlocked.CompareExchange(ref permits, held - weight, held) == held)
                        return new(true, Remaining + held - weight, TimeSpan.Zero, reset);
                }
            }
            var until = Volatile.Read(ref deniedUntil);
            return now < until && weight >= deniedWeight ? new(false, 0, time.GetElapsedTime(now, until), reset) : null;
        }

        /// <summary>Twice as many if the last batch was used up before it lapsed, half as many if it wasn't.</summary>
        public int NextSize(long now, long frequency, int largest)
        {
            var used = Volatile.Read(ref permits) == 0 && now - fetched < Hold.TotalSeconds * frequency;
            return size = Math.Clamp(used ? size * 2 : size / 2, 1, largest);
        }

        public GcraLimiter.Lease Fill(Grant grant, int weight, long now, TimeProvider time)
        {
            (Remaining, reset, fetched) = (grant.Remaining, grant.Reset, now);
            if (grant.Granted == 0)
            {
                deniedWeight = weight;
                Volatile.Write(ref deniedUntil, now + (long)(grant.RetryAfter.TotalSeconds * time.TimestampFrequency));
                return new(false, grant.Remaining, grant.RetryAfter, grant.Reset);
            }
            Volatile.Write(ref lapses, 0); // nobody may take from a batch while it is replaced
            Volatile.Write(ref permits, grant.Granted - weight);
            Volatile.Write(ref lapses, now + (long)(Hold.TotalSeconds * time.TimestampFrequency));
            return new(true, grant.Remaining + grant.Granted - weight, TimeSpan.Zero, grant.Reset);
        }
    }
}
