using FsCheck;
using FsCheck.Fluent;
using Harden.Gateway.RateLimits;
using Harden.Gateway.RateLimits.Counting;
using Harden.Gateway.RateLimits.Shared;

namespace Harden.Gateway.Tests.RateLimits;

/// <summary>The arithmetic of each kind against a model that is simple enough to be seen to be right.</summary>
public sealed class ArithmeticProperties
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(300);

    /// <summary>A limiter and what happens to it: waits in milliseconds, weights, and whether another policy made it give back.</summary>
    internal sealed record Story(int Permits, int Burst, int Step, (int Wait, int Weight, bool Back)[] Events);

    private static Arbitrary<Story> Stories(int longestWait) => (
        from permits in Gen.Choose(1, 20)
        from burst in Gen.Choose(1, 40)
        from step in Gen.Choose(1, 50)
        from events in (from wait in Gen.Frequency((4, Gen.Choose(0, longestWait / 20)), (1, Gen.Choose(0, longestWait)))
                        from weight in Gen.Frequency((3, Gen.Constant(1)), (1, Gen.Choose(1, 6)))
                        from back in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
                        select (wait, weight, back)).ArrayOf(120)
        select new Story(permits, burst, step, events)).ToArbitrary();

    [Fact]
    public void Rate_LetsThroughExactlyWhatABucketOfTokensWould() => Check.One(Thorough, Prop.ForAll(Stories(1000), static story =>
    {
        var clock = new ManualClock();
        var window = TimeSpan.FromMilliseconds(story.Permits * story.Step); // whole ticks for each permit, so that the model is exact
        using var limiter = new GcraLimiter(story.Permits, window, story.Burst, Table<GcraLimiter.Bucket>(), clock);
        var (tokens, each) = ((long)story.Burst * story.Step, (long)story.Step); // a token is as many milliseconds as it takes to come back
        foreach (var (wait, weight, back) in story.Events)
        {
            clock.Advance(TimeSpan.FromMilliseconds(wait));
            tokens = Math.Min(story.Burst * each, tokens + wait);
            using var lease = Take(limiter, weight);
            Assert.Equal(tokens >= weight * each, lease.IsAcquired);
            if (lease.IsAcquired)
            {
                tokens -= weight * each;
                Assert.Equal(tokens / each, lease.Remaining);
                Assert.Equal(TimeSpan.FromMilliseconds((story.Burst * each) - tokens), lease.Reset);
                if (back)
                    (tokens, _) = (tokens + (weight * each), GiveBack(lease));
            }
            else
            {
                Assert.Equal(TimeSpan.FromMilliseconds((weight * each) - tokens), lease.RetryAfter);
            }
        }
    }));

    [Fact]
    public void Window_IsNeverExceededAnywhere_AndRefusesOnlyWhatASlightlyLongerOneWould() => Check.One(Thorough, Prop.ForAll(Stories(3000), static story =>
    {
        var clock = new ManualClock();
        var window = TimeSpan.FromSeconds(1);
        using var limiter = new WindowLimiter(story.Burst, window, Table<WindowLimiter.Ring>(), clock);
        List<(long At, int Weight)> passed = [];
        foreach (var (wait, weight, back) in story.Events)
        {
            clock.Advance(TimeSpan.FromMilliseconds(wait));
            var now = clock.GetTimestamp();
            using var lease = Take(limiter, weight);
            if (lease.IsAcquired && back)
            {
                GiveBack(lease);
            }
            else if (lease.IsAcquired)
            {
                passed.Add((now, weight));
                Assert.True(Within(passed, now, window) <= story.Burst, "more than the permits in one window");
            }
            else
            {
                Assert.True(Within(passed, now, window * 1.1) + weight > story.Burst, "refused, though a window that is a tenth longer had room");
                Assert.True(weight > story.Burst || lease.RetryAfter > TimeSpan.Zero);
            }
        }
    }));

    [Fact]
    public void Window_RetryAfterIsExact() => Check.One(Thorough, Prop.ForAll(Stories(3000), static story =>
    {
        var clock = new ManualClock();
        using var limiter = new WindowLimiter(story.Burst, TimeSpan.FromSeconds(1), Table<WindowLimiter.Ring>(), clock);
        foreach (var (wait, weight, _) in story.Events.Where(e => e.Weight <= story.Burst))
        {
            clock.Advance(TimeSpan.FromMilliseconds(wait));
            using var lease = Take(limiter, weight);
            if (lease.IsAcquired)
                continue;
            clock.Advance(lease.RetryAfter - TimeSpan.FromTicks(1));
            Assert.False(Take(limiter, weight).IsAcquired);
            clock.Advance(TimeSpan.FromTicks(1));
            Assert.True(Take(limiter, weight).IsAcquired);
        }
    }));

    [Fact]
    public void Quota_IsASumOverTheDayOfUtc() => Check.One(Thorough, Prop.ForAll(Stories(40_000_000), static story =>
    {
        var clock = new ManualClock();
        using var limiter = new QuotaLimiter(story.Burst, Table<QuotaLimiter.Tally>(), clock);
        var used = new Dictionary<DateOnly, int>();
        foreach (var (wait, weight, back) in story.Events)
        {
            clock.Advance(TimeSpan.FromMilliseconds(wait));
            var day = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
            var before = used.GetValueOrDefault(day);
            using var lease = Take(limiter, weight);
            Assert.Equal(before + weight <= story.Burst, lease.IsAcquired);
            Assert.Equal(day.AddDays(1).ToDateTime(default) - clock.GetUtcNow().UtcDateTime, lease.Reset);
            if (lease.IsAcquired && back)
                GiveBack(lease);
            else if (lease.IsAcquired)
                used[day] = before + weight;
        }
    }));

    /// <summary>Permits that were granted by a bucket as Redis keeps it and used whenever within the time they may be held.</summary>
    [Fact]
    public void PermitsHandedOutLate_StayWithinTheBucketOfThePolicy() => Check.One(Thorough, Prop.ForAll(Stories(600), static story =>
    {
        var policy = new RateLimitPolicyOptions { Permits = story.Permits * 5, Burst = story.Burst + 10, Window = TimeSpan.FromMilliseconds(Math.Max(100, story.Permits * story.Step)) };
        var rule = SharedRule.Of(policy);
        var interval = TimeSpan.FromMicroseconds(rule.First);
        var full = TimeSpan.Zero;
        var now = TimeSpan.Zero;
        List<(TimeSpan At, int Weight)> uses = [];
        foreach (var (wait, weight, late) in story.Events)
        {
            now += TimeSpan.FromMilliseconds(wait);
            full = full > now ? full : now;
            if (full + (interval * weight) > now + TimeSpan.FromMicroseconds(rule.Second))
                continue;
            full += interval * weight;
            uses.Add((late ? now + rule.Hold - TimeSpan.FromTicks(1) : now, weight));
        }
        uses.Sort();
        for (var first = 0; first < uses.Count; first++)
        {
            var sum = 0L;
            for (var last = first; last < uses.Count; last++)
            {
                sum += uses[last].Weight;
                var allowed = policy.Capacity + ((uses[last].At - uses[first].At) / (policy.Window!.Value / policy.Permits));
                Assert.True(sum <= allowed + 1e-6, $"{sum} permits in {uses[last].At - uses[first].At}, where {allowed} are allowed");
            }
        }
    }));

    private static long Within(List<(long At, int Weight)> passed, long now, TimeSpan window) => passed.Where(p => p.At > now - window.Ticks).Sum(static p => (long)p.Weight);

    private static bool GiveBack(LimitLease lease)
    {
        lease.GiveBack();
        return true;
    }

    private static LimitLease Take(PolicyLimiter limiter, int weight) => (LimitLease)limiter.AttemptAcquire(new("owner", 0), weight);

    private static PartitionTable<TCell> Table<TCell>()
        where TCell : Cell, new() => new() { Most = 100 };
}
