using System.Threading.RateLimiting;
using Harden.Gateway.Configuration;
using Harden.Gateway.RateLimits.Counting;

namespace Harden.Gateway.RateLimits.Shared;

/// <summary>
/// A policy that all replicas share. Each takes permits from Redis in small batches and hands them out itself, so that a busy owner costs a
/// fraction of a round trip for each request. Permits come from one place only and <see cref="SharedRule"/> allows for the time they are held,
/// so their sum over all replicas never exceeds the limit.
/// </summary>
internal sealed class SharedLimiter(
    RateLimitPolicyOptions policy, PartitionTable<Batch> table, LimitStore store, Live<RateLimitsOptions> live, TimeProvider time) : PolicyLimiter
{
    private readonly SharedRule rule = SharedRule.Of(policy);
    private volatile ReplicaShare? share;

    /// <summary>What this replica holds. A limiter with other numbers takes it over on a reload.</summary>
    public PartitionTable<Batch> Table { get; } = table;

    /// <inheritdoc />
    public override RateLimiterStatistics? GetStatistics(PartitionKey resource) =>
        Table.Known(resource) is { } batch ? new() { CurrentAvailablePermits = batch.Remaining } : null;

    /// <inheritdoc />
    public override IEnumerable<PartitionView> Partitions()
    {
        var now = time.GetTimestamp();
        return Table.All.Append(Table.Rest).Select(pair => new PartitionView(pair.Key, pair.Value.Lives(now) ? Math.Max(0, rule.All - pair.Value.Remaining) : 0, pair.Value.Accepted, pair.Value.Denied));
    }

    /// <summary>Deletes the key in Redis, which every replica notices as soon as what it holds has lapsed: within two seconds.</summary>
    public override async ValueTask<ResetOutcome> ResetAsync(string partition)
    {
        var found = share is { } local && await local.Limiter.ResetAsync(partition) == ResetOutcome.Done;
        foreach (var (key, batch) in Table.All.Append(Table.Rest))
        {
            if (key.ToString() != partition)
                continue;
            batch.Clear();
            found = true;
        }
        return await store.DeleteAsync(rule.Key + partition) switch
        {
            null => ResetOutcome.OnlyHere,
            true => ResetOutcome.Done,
            false => found ? ResetOutcome.Done : ResetOutcome.Unknown,
        };
    }

    /// <inheritdoc />
    protected override RateLimitLease AttemptAcquireCore(PartitionKey resource, int permitCount) =>
        Table.Known(resource)?.Answer(permitCount, time.GetTimestamp(), time) ?? throw new NotSupportedException("Asking Redis takes an await: use AcquireAsync.");

    /// <inheritdoc />
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(PartitionKey resource, int permitCount, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        var batch = Table.Of(resource, now, time.TimestampFrequency);
        if (batch.Answer(permitCount, now, time) is not { } lease)
            return FetchAsync(resource, batch, permitCount);
        batch.Note(lease.IsAcquired);
        return ValueTask.FromResult<RateLimitLease>(lease);
    }

    private async ValueTask<RateLimitLease> FetchAsync(PartitionKey key, Batch batch, int weight)
    {
        Interlocked.Add(ref batch.Waiting, weight);
        await batch.Gate.WaitAsync(); // one round trip an owner at a time; those who waited find its batch
        Interlocked.Add(ref batch.Waiting, -weight);
        LimitLease lease;
        try
        {
            if (batch.Ended)
                return await AcquireAsync(key, weight); // dropped between the look-up and now
            var now = time.GetTimestamp();
            lease = batch.Answer(weight, now, time) ?? await AskAsync(key, batch, weight, now) ?? Fallback(key, weight);
        }
        finally
        {
            batch.Gate.Release();
        }
        batch.Note(lease.IsAcquired);
        return lease;
    }

    private async ValueTask<LimitLease?> AskAsync(PartitionKey key, Batch batch, int weight, long now)
    {
        if (!store.Admits(now))
            return null;
        var name = ReferenceEquals(batch, Table.Overflow) ? PartitionTable<Batch>.OverflowName : key.ToString();
        var want = rule.Hold == TimeSpan.Zero ? weight : Math.Max(weight, batch.Size(weight, now, (long)(rule.Hold.TotalSeconds * time.TimestampFrequency), rule.Largest));
        var (word, rest) = batch.Rest();
        return await store.TryTakeAsync(rule, name, want, weight, word, rest, live.Current.StoreTimeout) is { } grant
            ? batch.Fill(grant, weight, now, rule, time)
            : null;
    }

    private LimitLease Fallback(PartitionKey key, int weight) => live.Current.OnStoreFailure switch
    {
        StoreFailure.Allow => new(true, -1, TimeSpan.Zero, TimeSpan.Zero),
        StoreFailure.Deny => new(false, 0, TimeSpan.FromSeconds(1), TimeSpan.Zero),
        _ => (LimitLease)Share().AttemptAcquire(key, weight),
    };

    // Each replica enforces its part of the limit, so that together they stay within it.
    private PolicyLimiter Share()
    {
        var replicas = store.Replicas;
        var current = share;
        if (current?.Replicas != replicas)
            share = current = new(replicas, PolicyLimiters.Local(policy, replicas, Table.Most, time, current?.Limiter));
        return current.Limiter;
    }

    private sealed record ReplicaShare(int Replicas, PolicyLimiter Limiter);
}
