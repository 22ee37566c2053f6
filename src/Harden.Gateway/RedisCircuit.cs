using System.Globalization;
using StackExchange.Redis;

namespace Harden.Gateway;

/// <summary>
/// Keeps a Redis that is slow or gone from slowing requests down: after a failure nobody asks it for a second, then one request tries. Has it said
/// once when it fails and once when it is back, at most once a minute.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="fails">Says that it fails, and why.</param>
/// <param name="works">Says that it is back.</param>
internal sealed class RedisCircuit(TimeProvider time, Action<string> fails, Action works)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long closedUntil;
    private int broken;
    private bool warned;
    private long nextWarning;

    /// <summary>True if Redis may be asked now, by whoever called: who hears so has to ask.</summary>
    public bool Admits(long now)
    {
        var until = Volatile.Read(ref closedUntil);
        if (now < until)
            return false;
        return Volatile.Read(ref broken) == 0 || Interlocked.CompareExchange(ref closedUntil, now + Ticks(Pause), until) == until; // else another request is trying
    }

    /// <summary>Notes that Redis didn't answer in time or as it should.</summary>
    /// <param name="why">What it failed with; null if there is no connection.</param>
    /// <param name="budget">How long it had.</param>
    public void Failed(Exception? why, TimeSpan budget)
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref closedUntil, now + Ticks(Pause));
        if (Interlocked.Exchange(ref broken, 1) == 1 || now < Volatile.Read(ref nextWarning))
            return;
        // A Redis at the edge of the budget fails and recovers by the second: one line a minute says it all.
        Volatile.Write(ref nextWarning, now + Ticks(TimeSpan.FromMinutes(1)));
        warned = true;
        fails(why switch
        {
            null => "there is no connection",
            TimeoutException => string.Create(CultureInfo.InvariantCulture, $"no answer within {budget.TotalMilliseconds} ms"),
            RedisConnectionException { FailureType: ConnectionFailureType.Loading } => "it is loading its data",
            RedisConnectionException lost => $"there is no connection: {lost.FailureType}",
            _ => why.Message,
        });
    }

    /// <summary>Notes that it did.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref broken) == 0 || Interlocked.Exchange(ref broken, 0) == 0)
            return;
        Volatile.Write(ref closedUntil, 0);
        if (warned)
            works();
        warned = false;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
