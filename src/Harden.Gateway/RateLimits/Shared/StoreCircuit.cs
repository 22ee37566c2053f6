using System.Globalization;

namespace Harden.Gateway.RateLimits.Shared;

/// <summary>
/// Keeps a Redis that is slow or gone from slowing requests down: after a failure nobody asks it for a second, then one request tries. Says so
/// once when it fails and once when it is back, at most once a minute.
/// </summary>
internal sealed partial class StoreCircuit(TimeProvider time, ILogger<StoreCircuit> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long closedUntil;
    private int broken;
    private bool warned;
    private long nextWarning;

    /// <summary>True if Redis may be asked now, by whoever called.</summary>
    public bool Admits(long now)
    {
        var until = Volatile.Read(ref closedUntil);
        if (now < until)
            return false;
        return Volatile.Read(ref broken) == 0 || Interlocked.CompareExchange(ref closedUntil, now + Ticks(Pause), until) == until; // else another request is trying
    }

    /// <summary>Notes that Redis didn't answer in time or as it should.</summary>
    public void Failed(Exception? why, TimeSpan budget)
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref closedUntil, now + Ticks(Pause));
        if (Interlocked.Exchange(ref broken, 1) == 1 || now < Volatile.Read(ref nextWarning))
            return;
        // A Redis at the edge of the budget fails and recovers by the second: one line a minute says it all.
        Volatile.Write(ref nextWarning, now + Ticks(TimeSpan.FromMinutes(1)));
        warned = true;
        Log.Failed(log, why switch
        {
            null => "there is no connection",
            TimeoutException => string.Create(CultureInfo.InvariantCulture, $"no answer within {budget.TotalMilliseconds} ms"),
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
            Log.Recovered(log);
        warned = false;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Warning, "Redis can't be asked for limits ({Why}). RateLimits:OnStoreFailure applies until it can.")]
        public static partial void Failed(ILogger log, string why);

        [LoggerMessage(4002, LogLevel.Information, "Redis answers for limits again.")]
        public static partial void Recovered(ILogger log);
    }
}
