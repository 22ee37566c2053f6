using Harden.Gateway.RateLimits.Counting;

namespace Harden.Gateway.Tests.RateLimits;

public sealed class GcraLimiterTests
{
    [Fact]
    public void RandomArrivals_AreJudgedAsByATokenBucket()
    {
        var random = new Random(11);
        for (var round = 0; round < 200; round++)
        {
            var time = new ManualTime();
            var permits = random.Next(1, 20);
            var burst = random.Next(1, 40);
            var window = TimeSpan.FromMilliseconds(permits * random.Next(1, 50)); // whole ticks for each permit, so that the model is exact
            using var limiter = new GcraLimiter(permits, window, burst, Table(), time);
            double tokens = burst;
            var last = time.GetTimestamp();
            for (var step = 0; step < 300; step++)
            {
                time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 30)));
                var weight = random.Next(1, 4);
                tokens = Math.Min(burst, tokens + ((time.GetTimestamp() - last) / (window.Ticks / (double)permits)));
                last = time.GetTimestamp();
                using var lease = limiter.AttemptAcquire(new("key", 0), weight);
                var expected = tokens + 1e-6 >= weight;
                Assert.Equal(expected, lease.IsAcquired);
                if (expected)
                    tokens -= weight;
            }
        }
    }

    [Fact]
    public void RetryAfter_IsExactlyWhenTheNextRequestPasses()
    {
        var time = new ManualTime();
        using var limiter = new GcraLimiter(10, TimeSpan.FromSeconds(1), 1, Table(), time);
        Assert.True(limiter.AttemptAcquire(new("a", 0)).IsAcquired);
        var refused = limiter.AttemptAcquire(new("a", 0));
        Assert.True(refused.TryGetMetadata(System.Threading.RateLimiting.MetadataName.RetryAfter, out var after));

        time.Advance(after - TimeSpan.FromTicks(1));
        Assert.False(limiter.AttemptAcquire(new("a", 0)).IsAcquired);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.True(limiter.AttemptAcquire(new("a", 0)).IsAcquired);
        Assert.True(limiter.AttemptAcquire(new("b", 0)).IsAcquired);
    }

    [Fact]
    public void Parallel_AcceptsNeverMoreThanTheBurst()
    {
        using var limiter = new GcraLimiter(1, TimeSpan.FromDays(1), 1000, Table(), new ManualTime());
        var accepted = 0;
        Parallel.For(0, 8000, _ =>
        {
            if (limiter.AttemptAcquire(new("one", 0)).IsAcquired)
                Interlocked.Increment(ref accepted);
        });
        Assert.Equal(1000, accepted);
    }

    [Fact]
    public void FloodOfDistinctKeys_StaysBounded_AndIsForgottenWhenItsBucketsAreFull()
    {
        var time = new ManualTime();
        using var limiter = new GcraLimiter(10, TimeSpan.FromSeconds(1), 10, Table(), time);
        for (ulong i = 0; i < 1_000_000; i++)
            limiter.AttemptAcquire(new(null, i));
        Assert.Equal(200_000, limiter.Table.Count);

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(limiter.AttemptAcquire(new(null, 5_000_000)).IsAcquired);
        Assert.Equal(1, limiter.Table.Count);
    }

    private static PartitionTable<GcraLimiter.Bucket> Table() => new() { Most = 200_000 };

    private sealed class ManualTime : TimeProvider
    {
        private long now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan by) => now += by.Ticks;
    }
}
