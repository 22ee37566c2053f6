using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Harden.Gateway.RateLimits.Counting;

/// <summary>
/// A framework's concurrency limiter for each owner who has a request running or waiting, and none for the others: so memory is bounded by
/// the requests there are. Always of this replica alone: a permit in Redis would outlive a crash.
/// </summary>
internal sealed class ConcurrencyLimits(int permits, int queue) : PolicyLimiter
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1); // nobody knows when a running request ends

    private readonly ConcurrentDictionary<PartitionKey, Place> places = new();

    /// <summary>Owners with a request running or waiting.</summary>
    public int Count => places.Count;

    /// <summary>True if it counts the same.</summary>
    public bool Same(int otherPermits, int otherQueue) => (permits, queue) == (otherPermits, otherQueue);

    /// <inheritdoc />
    public override IEnumerable<PartitionView> Partitions() =>
        places.Select(pair => new PartitionView(pair.Key, permits - pair.Value.Limiter.GetStatistics()!.CurrentAvailablePermits, pair.Value.Accepted, pair.Value.Denied));

    /// <summary>Nothing to reset: permits belong to requests that run.</summary>
    public override ValueTask<ResetOutcome> ResetAsync(string partition) => ValueTask.FromResult(ResetOutcome.Running);

    /// <inheritdoc />
    public override RateLimiterStatistics? GetStatistics(PartitionKey resource) => places.GetValueOrDefault(resource)?.Limiter.GetStatistics();

    /// <inheritdoc />
    protected override RateLimitLease AttemptAcquireCore(PartitionKey resource, int permitCount)
    {
        var place = Enter(resource);
        return Lease(resource, place, place.Limiter.AttemptAcquire(permitCount));
    }

    /// <inheritdoc />
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(PartitionKey resource, int permitCount, CancellationToken cancellationToken)
    {
        var place = Enter(resource);
        try
        {
            return Lease(resource, place, await place.Limiter.AcquireAsync(permitCount, cancellationToken));
        }
        catch
        {
            Leave(resource, place);
            throw;
        }
    }

    private Place Enter(PartitionKey key)
    {
        while (true)
        {
            var place = places.GetOrAdd(key, static (_, limits) => new(limits.permits, limits.queue), (permits, queue));
            if (place.TryEnter())
                return place;
        }
    }

    private void Leave(PartitionKey key, Place place)
    {
        if (place.Leave() && places.TryRemove(new(key, place)))
            place.Limiter.Dispose();
    }

    private Held Lease(PartitionKey key, Place place, RateLimitLease lease)
    {
        place.Note(lease.IsAcquired);
        var left = place.Limiter.GetStatistics()!.CurrentAvailablePermits;
        if (lease.IsAcquired)
            return new(this, key, place, lease, left);
        Leave(key, place);
        return new(null, key, place, lease, left);
    }

    private sealed class Held(ConcurrencyLimits? limits, PartitionKey key, Place place, RateLimitLease inner, long remaining)
        : LimitLease(inner.IsAcquired, remaining, inner.IsAcquired ? TimeSpan.Zero : Soon, TimeSpan.Zero)
    {
        private int given;

        public override void GiveBack() => Dispose();

        protected override void Dispose(bool disposing)
        {
            if (limits is null || Interlocked.Exchange(ref given, 1) == 1)
                return;
            inner.Dispose();
            limits.Leave(key, place);
        }
    }

    private sealed class Place(int permits, int queue) : Cell
    {
        private const int Closed = int.MinValue;
        private int inside;

        public ConcurrencyLimiter Limiter { get; } = new(new() { PermitLimit = permits, QueueLimit = queue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

        public bool TryEnter()
        {
            for (var now = Volatile.Read(ref inside); now != Closed; now = Volatile.Read(ref inside))
            {
                if (Interlocked.CompareExchange(ref inside, now + 1, now) == now)
                    return true;
            }
            return false;
        }

        /// <summary>True if this was the last one, and the place is now closed.</summary>
        public bool Leave() => Interlocked.Decrement(ref inside) == 0 && TryRetire(0);

        public override bool TryRetire(long now) => Interlocked.CompareExchange(ref inside, Closed, 0) == 0;
    }
}
