using Harden.Gateway.Configuration;
using StackExchange.Redis;

namespace Harden.Gateway.Identity.Sessions.Store;

/// <summary>
/// Redis as sessions, revocations and keys use it. A circuit keeps a Redis that is slow or gone from slowing requests down: after a
/// failure nothing asks it for a second, then one request tries.
/// </summary>
internal sealed partial class SharedState
{
    private readonly RedisConnection redis;
    private readonly Live<SessionOptions> live;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly RedisCircuit circuit;
    private long nextWarning;

    public SharedState(RedisConnection redis, Live<SessionOptions> live, TimeProvider time, ILogger<SharedState> log)
    {
        (this.redis, this.live, this.time, this.log) = (redis, live, time, log);
        circuit = new(time, why => Log.Failed(log, why), () => Log.Recovered(log));
    }

    /// <summary>Begins every key.</summary>
    public string Prefix => redis.Prefix;

    /// <summary>Asks Redis something.</summary>
    /// <exception cref="SessionStoreException">It doesn't answer in time, or with an error.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        if (!circuit.Admits(time.GetTimestamp()))
            throw new SessionStoreException("Redis did not answer a moment ago.");
        try
        {
            if (!redis.FirstAttempt.IsCompleted)
                await redis.FirstAttempt.WaitAsync(live.Current.StoreTimeout, time);
            if (redis.Database is not { } database)
                throw Failed(null);
            var answer = await ask(database).WaitAsync(live.Current.StoreTimeout, time);
            // The client completes its tasks on the thread that reads its socket: what comes next must not keep that from reading.
            await Task.Yield();
            circuit.Succeeded();
            return answer;
        }
        catch (RedisServerException e)
        {
            // It answers, so it slows nobody down: one entry that somebody broke, or a Redis that takes no more writes, must not cost everybody theirs.
            throw Refused(e);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(e);
        }
    }

    /// <summary>Runs a script, also if Redis has forgotten it: the client sends it again then.</summary>
    public Task<RedisResult> EvaluateAsync(string script, RedisKey key, params RedisValue[] arguments) =>
        AskAsync(database => database.ScriptEvaluateAsync(script, [key], arguments));

    /// <summary>Tells all replicas, this one included. Lost if the connection is: nobody relies on it alone.</summary>
    public async Task TellAsync(string channel, string message) =>
        await AskAsync(database => database.Multiplexer.GetSubscriber().PublishAsync(RedisChannel.Literal(Prefix + channel), message));

    /// <summary>Hears what replicas tell, from when there is a connection on.</summary>
    public async Task HearAsync(string channel, Action<string> hear)
    {
        try
        {
            await redis.FirstAttempt;
            // Not on the client's own thread, which has to read on. Without a connection the client keeps the subscription and makes it when there is one.
            await redis.Multiplexer!.GetSubscriber().SubscribeAsync(RedisChannel.Literal(Prefix + channel), (_, message) => ThreadPool.UnsafeQueueUserWorkItem(hear, message.ToString(), preferLocal: false));
        }
        catch (Exception e) when (IsFailure(e))
        {
            Log.Deaf(log, e.Message);
        }
    }

    private static bool IsFailure(Exception e) => e is TimeoutException or RedisException or ObjectDisposedException or OperationCanceledException;

    private SessionStoreException Refused(RedisServerException e)
    {
        var now = time.GetTimestamp();
        if (now >= Volatile.Read(ref nextWarning))
        {
            Volatile.Write(ref nextWarning, now + (60 * time.TimestampFrequency));
            Log.Refused(log, e.Message);
        }
        return new(e.Message, e);
    }

    private SessionStoreException Failed(Exception? why)
    {
        circuit.Failed(why, live.Current.StoreTimeout);
        return new(why?.Message ?? "There is no connection to Redis.", why);
    }

    private static partial class Log
    {
        [LoggerMessage(2040, LogLevel.Warning, "Redis can't be asked for sessions ({Why}). Session:OnStoreFailure applies until it can, and nobody can sign in.")]
        public static partial void Failed(ILogger log, string why);

        [LoggerMessage(2041, LogLevel.Information, "Redis answers for sessions again.")]
        public static partial void Recovered(ILogger log);

        [LoggerMessage(2043, LogLevel.Warning, "Redis answers for sessions with an error ({Why}). Session:OnStoreFailure applies to what was asked.")]
        public static partial void Refused(ILogger log, string why);

        [LoggerMessage(2042, LogLevel.Warning, "What other replicas tell can't be heard ({Why}): a revocation there takes effect here within Session:CheckInterval.")]
        public static partial void Deaf(ILogger log, string why);
    }
}
