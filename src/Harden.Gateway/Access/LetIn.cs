using System.Collections.Concurrent;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Access;

/// <summary>
/// Requests that were let in and still run. A stream or WebSocket asks once and then no more, so nobody would notice that the rules no longer
/// allow it: when they change, whatever runs is judged again, as of when it came.
/// </summary>
internal sealed class LetIn : IDisposable
{
    // Rules change now and then: a request under way is not worth cutting off for that, a stream is.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<Stay, Func<Stay, bool>> stays = new();
    private readonly Live<AccessOptions> live;
    private readonly ITimer timer;

    public LetIn(Live<AccessOptions> live, TimeProvider time)
    {
        this.live = live;
        timer = time.CreateTimer(static letIn => ((LetIn)letIn!).JudgeAll(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        live.Changed += Soon;
    }

    /// <summary>Serves a request that was let in.</summary>
    /// <param name="context">The request.</param>
    /// <param name="request">What was judged.</param>
    /// <param name="allows">Judges it by the rules in force; where they refuse, says so in its scope.</param>
    /// <param name="next">Serves it.</param>
    public async Task ServeAsync(HttpContext context, AccessRequest request, Func<Stay, bool> allows, RequestDelegate next)
    {
        var stay = new Stay(context, request);
        stays.TryAdd(stay, allows);
        try
        {
            await next(context);
        }
        finally
        {
            stays.TryRemove(stay, out _);
            stay.Leave();
        }
    }

    public void Dispose()
    {
        live.Changed -= Soon;
        timer.Dispose();
    }

    private void Soon() => timer.Change(LastWords, Timeout.InfiniteTimeSpan);

    private void JudgeAll()
    {
        foreach (var (stay, allows) in stays)
            stay.Judge(allows);
    }

    /// <summary>One of them.</summary>
    internal sealed class Stay(HttpContext context, AccessRequest request)
    {
        private readonly Lock gate = new();
        private bool left;

        /// <summary>The request; only while it is being judged.</summary>
        public HttpContext Context => context;

        /// <summary>What was judged when it came.</summary>
        public AccessRequest Request => request;

        /// <summary>It is over: from now on its context may be another request's.</summary>
        public void Leave()
        {
            lock (gate)
                left = true;
        }

        /// <summary>Ends it unless it is still allowed.</summary>
        public void Judge(Func<Stay, bool> allows)
        {
            lock (gate)
            {
                if (!left && !allows(this))
                    context.Abort();
            }
        }
    }
}
