using Harden.Gateway.RateLimits.Counting;

namespace Harden.Gateway.RateLimits.Shared;

/// <summary>
/// What this replica holds of one owner's permits: a batch that lapses, and the last refusal. Taking from it needs no lock; filling it is
/// for whoever holds <see cref="Gate"/>. The number of the batch stands in the upper half of the same word as its permits, so that what is
/// given back to one batch can't end up in the next.
/// </summary>
internal sealed class Batch : Cell
{
    // A refusal is asked about again at least so often, so that a reset in Redis is seen by every replica.
    private static readonly TimeSpan LongestRefusal = TimeSpan.FromSeconds(2);

    private long state;
    private long lapses;
    private long refusedUntil;
    private long passesAt;
    private int refusedWeight;
    private long gone;
    private long fetched;
    private int size = 1;
    private long word;
    private long remaining;
    private int waiting;

    /// <summary>Held by the one request that asks Redis.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Dropped from its table.</summary>
    public bool Ended { get; private set; }

    /// <summary>Permits in Redis, when it was last asked, and here.</summary>
    public long Remaining => Volatile.Read(ref remaining) + (int)Volatile.Read(ref state);

    /// <summary>Requests at the gate, weighed.</summary>
    public ref int Waiting => ref waiting;

    /// <summary>True if Redis still knows the owner.</summary>
    public bool Lives(long now) => now < Volatile.Read(ref gone);

    /// <summary>The answer if this replica knows it: permits in hand, or a refusal that can't have changed yet.</summary>
    public LimitLease? Answer(int weight, long now, TimeProvider time)
    {
        if (now < Volatile.Read(ref lapses))
        {
            for (var held = Volatile.Read(ref state); (int)held >= weight; held = Volatile.Read(ref state))
            {
                if (Interlocked.CompareExchange(ref state, held - weight, held) == held)
                    return new Taken(this, weight, held >> 32, remaining + (int)held - weight, Until(gone, now, time));
            }
        }
        return now < Volatile.Read(ref refusedUntil) && weight >= refusedWeight
            ? new(false, 0, Until(passesAt, now, time), Until(gone, now, time))
            : null;
    }

    /// <summary>What to ask for: twice as much if the last batch was used up before it lapsed, half as much if it wasn't; at least what is waited for.</summary>
    public int Size(int weight, long now, long hold, int largest)
    {
        var used = (int)Volatile.Read(ref state) < weight && now - fetched < hold;
        size = Math.Clamp(used ? size * 2 : size / 2, 1, largest);
        return Math.Max(weight, Math.Clamp(Volatile.Read(ref waiting), size, largest));
    }

    /// <summary>Takes out what is left, to be given back to Redis with the word that Redis gave along.</summary>
    public (long Word, int Permits) Rest()
    {
        Volatile.Write(ref lapses, 0); // nobody may take from a batch while it is replaced
        var held = Interlocked.Exchange(ref state, (Volatile.Read(ref state) >> 32) << 32);
        return (word, (int)held);
    }

    /// <summary>Puts in what Redis granted.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="weight">What this request needs.</param>
    /// <param name="asked">When Redis was asked: from then on the batch is held, since it can't be known when Redis decided.</param>
    /// <param name="rule">The policy's.</param>
    /// <param name="time">The clock.</param>
    public LimitLease Fill(Grant grant, int weight, long asked, SharedRule rule, TimeProvider time)
    {
        (word, fetched, remaining) = (grant.Word, asked, grant.Remaining);
        Volatile.Write(ref gone, asked + Ticks(grant.Reset, time));
        if (grant.Granted == 0)
        {
            refusedWeight = weight;
            passesAt = asked + Ticks(grant.RetryAfter, time);
            var until = grant.RetryAfter < rule.Together ? rule.Together : grant.RetryAfter > LongestRefusal ? LongestRefusal : grant.RetryAfter;
            Volatile.Write(ref refusedUntil, asked + Ticks(until, time));
            return new(false, grant.Remaining, grant.RetryAfter, grant.Reset);
        }
        var next = (Volatile.Read(ref state) >> 32) + 1;
        var hold = rule.EndsWithReset && grant.Reset < rule.Hold ? grant.Reset : rule.Hold;
        Volatile.Write(ref refusedUntil, 0);
        Volatile.Write(ref state, (next << 32) | (uint)(grant.Granted - weight));
        Volatile.Write(ref lapses, asked + Ticks(hold, time));
        return new Taken(this, weight, next, grant.Remaining + grant.Granted - weight, grant.Reset);
    }

    /// <summary>Forgets what it holds and what was refused.</summary>
    public void Clear()
    {
        Rest();
        Volatile.Write(ref refusedUntil, 0);
    }

    /// <inheritdoc />
    public override bool TryRetire(long now)
    {
        if (now < Volatile.Read(ref lapses) || now < Volatile.Read(ref refusedUntil) || Lives(now) || !Gate.Wait(0, CancellationToken.None))
            return false;
        Ended = true;
        Gate.Release();
        return true;
    }

    // Into the batch it came from, while that is the one in hand; permits of an earlier one are lost to nobody but their owner.
    private void GiveBack(int weight, long number)
    {
        for (var held = Volatile.Read(ref state); held >> 32 == number; held = Volatile.Read(ref state))
        {
            if (Interlocked.CompareExchange(ref state, held + weight, held) == held)
                return;
        }
    }

    private static long Ticks(TimeSpan span, TimeProvider time) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private static TimeSpan Until(long at, long now, TimeProvider time) => at <= now ? TimeSpan.Zero : time.GetElapsedTime(now, at);

    private sealed class Taken(Batch batch, int weight, long number, long remaining, TimeSpan reset) : LimitLease(true, remaining, TimeSpan.Zero, reset)
    {
        public override void GiveBack() => batch.GiveBack(weight, number);
    }
}
