using System.Globalization;
using Harden.Audit;

namespace Harden.Gateway.Audit;

/// <summary>
/// Keeps the latest signed checkpoint of each boot in Redis too, where there is one: who cuts the end of the log on this machine does not reach that.
/// A hash <c>checkpoints:LOG</c> whose fields are the boots.
/// </summary>
internal sealed partial class CheckpointsInRedis(RedisConnection redis, TimeProvider time, ILogger<CheckpointsInRedis> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private (Checkpoint Checkpoint, string Note)? latest;
    private bool sending;

    /// <summary>Hands a checkpoint over. Called on the log's own thread, so it waits for nothing; one that could not be sent is overtaken by the next.</summary>
    public void Keep(Checkpoint checkpoint, string note)
    {
        lock (gate)
        {
            latest = (checkpoint, note);
            if (sending)
                return;
            sending = true;
        }
        _ = SendAsync();
    }

    private async Task SendAsync()
    {
        var failing = false;
        while (Take() is var (checkpoint, note))
        {
            try
            {
                await redis.FirstAttempt;
                var database = redis.Database ?? throw new TimeoutException();
                await database.HashSetAsync($"{redis.Prefix}checkpoints:{checkpoint.LogId}", checkpoint.Boot.ToString(CultureInfo.InvariantCulture), note);
                if (failing)
                    Log.Again(logger);
                failing = false;
            }
            catch (ObjectDisposedException)
            {
                return; // the gateway is stopping
            }
            catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException)
            {
                if (!failing)
                    Log.Failed(logger, e.GetType().Name); // its message has command and key in it
                failing = true;
                lock (gate)
                    latest ??= (checkpoint, note);
                await Task.Delay(Pause, time);
            }
        }
    }

    private (Checkpoint Checkpoint, string Note)? Take()
    {
        lock (gate)
        {
            var taken = latest;
            latest = null;
            sending = taken is not null;
            return taken;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5030, LogLevel.Warning, "Checkpoints of the audit log can't be kept in Redis: {Why}. The latest one is handed over as soon as they can.")]
        public static partial void Failed(ILogger log, string why);

        [LoggerMessage(5031, LogLevel.Information, "Checkpoints of the audit log are kept in Redis again.")]
        public static partial void Again(ILogger log);
    }
}
