using System.Globalization;
using Harden.Gateway.Configuration;
using StackExchange.Redis;

namespace Harden.Gateway.Identity.Sessions.Store;

/// <summary>
/// Redis as sessions, revocations and keys use it. A circuit keeps a Redis that is slow or gone from slowing requests down: after a
/// failure nothing asks it for a second, then one request tries.
/// </summary>
internal sealed partial class SharedState(RedisConnection redis, Live<SessionOptions> live, TimeProvider time, ILogger<SharedState> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long closedUntil;
    private int broken;
    private bool warned;
    private long nextWarning;

    /// <summary>Begins every key.</summary>
    public string Prefix => redis.Prefix;

    /// <summary>Asks Redis something.</summary>
    /// <exception cref="SessionStoreException">It doesn't answer in time, or with an error.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        var now = time.GetTimestamp();
        var until = Volatile.Read(ref closedUntil);
        if (now < until)
            throw new SessionStoreException("Redis did not answer a moment ago.");
        if (Volatile.Read(ref broken) == 1 && Interlocked.CompareExchange(ref closedUntil, now + Ticks(Pause), until) != until)
            throw new SessionStoreException("Redis did not answer; another request is trying.");
        try
        {
            if (!redis.FirstAttempt.IsCompleted)
                await redis.FirstAttempt.WaitAsync(live.Current.StoreTimeout, time);
            if (redis.Database is not { } database)
                throw Failed("there is no connection", null);
            var answer = await ask(database).WaitAsync(live.Current.StoreTimeout, time);
            // The client completes its tasks on the thread that reads its socket: what comes next must not keep that from reading.
            await Task.Yield();
            Succeeded();
            return answer;
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(e is TimeoutException ? string.Create(CultureInfo.InvariantCulture, $"no answer within {live.Current.StoreTimeout.TotalMilliseconds} ms") : e.Message, e);
        }
    }

    /// <summary>Runs a script, also if Redis has forgotten it.</summary>
    public Task<RedisResult> EvaluateAsync(string script, RedisKey key, params RedisValue[] arguments) => AskAsync(async database =>
    {
        try
        {
            return await database.ScriptEvaluateAsync(script, [key], arguments);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(script, [key], arguments); // the client has noticed and sends the text
        }
    });

    /// <summary>Tells all replicas, this one included. Lost if the connection is: nobody relies on it alone.</summary>
    public async Task TellAsync(string channel, string message) =>
        await AskAsync(database => database.Multiplexer.GetSubscriber().PublishAsync(Prefix + channel, message));

    /// <summary>Hears what replicas tell, from when there is a connection on.</summary>
    public async Task HearAsync(string channel, Action<string> hear)
    {
        try
        {
            await redis.FirstAttempt;
            // Not on the client's own thread, which has to read on. Without a connection the client keeps the subscription and makes it when there is one.
            await redis.Multiplexer!.GetSubscriber().SubscribeAsync(Prefix + channel, (_, message) => ThreadPool.UnsafeQueueUserWorkItem(hear, message.ToString(), preferLocal: false));
        }
        catch (Exception e) when (IsFailure(e))
        {
            Log.Deaf(log, e.Message);
        }
    }

    private static bool IsFailure(Exception e) => e is TimeoutException or RedisException or ObjectDisposedException or OperationCanceledException;

    private SessionStoreException Failed(string why, Exception? inner)
    {
        Volatile.Write(ref closedUntil, time.GetTimestamp() + Ticks(Pause));
        var now = time.GetTimestamp();
        if (Interlocked.Exchange(ref broken, 1) == 0 && now >= nextWarning)
        {
            nextWarning = now + Ticks(TimeSpan.FromMinutes(1)); // a Redis that fails and recovers by the second: one line a minute says it all
            warned = true;
            Log.Failed(log, why);
        }
        return new(why, inner);
    }

    private void Succeeded()
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
        [LoggerMessage(2040, LogLevel.Warning, "Redis can't be asked for sessions ({Why}). Session:OnStoreFailure applies until it can, and nobody can sign in.")]
        public static partial void Failed(ILogger log, string why);

        [LoggerMessage(2041, LogLevel.Information, "Redis answers for sessions again.")]
        public static partial void Recovered(ILogger log);

        [LoggerMessage(2042, LogLevel.Warning, "What other replicas tell can't be heard ({Why}): a revocation there takes effect here within Session:CheckInterval.")]
        public static partial void Deaf(ILogger log, string why);
    }
}
