using System.Diagnostics;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Telemetry;

/// <summary>
/// Puts a span around everything that follows and its trace id on every answer. Runs right after the edge, so that whatever a later
/// stage does, logs or sends to the prototype belongs to the trace. What a later stage failed to handle ends here as a 500.
/// </summary>
internal sealed partial class TelemetryMiddleware(
    RequestDelegate next, Live<TelemetryOptions> live, RequestMetrics metrics, TimeProvider time, ILogger<TelemetryMiddleware> log)
{
    private const string Header = "X-Harden-Trace";

    public async Task InvokeAsync(HttpContext context)
    {
        var scope = RequestScope.Of(context);
        using var span = RequestSpan.Start(context, scope, live.Current.TrustIncomingTrace);
        // At the start of the answer and not now: an error page clears headers, and the prototype may send one of that name.
        context.Response.OnStarting(SetHeader, context);
        var started = time.GetTimestamp();
        metrics.Started(context.Request);
        Exception? failure = null;
        try
        {
            await next(context);
        }
        catch (Exception e)
        {
            failure = e;
            await FailAsync(context, scope, e);
        }
        finally
        {
            metrics.Ended(context, scope, time.GetElapsedTime(started), failure);
            span.End(context, scope, failure);
        }
    }

    private static Task SetHeader(object state)
    {
        var context = (HttpContext)state;
        context.Response.Headers[Header] = RequestScope.Of(context).TraceId;
        return Task.CompletedTask;
    }

    private Task FailAsync(HttpContext context, RequestScope scope, Exception e)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort(); // the client has left: there is nobody to answer and nothing to mend
            return Task.CompletedTask;
        }
        if (e is BadHttpRequestException bad)
        {
            scope.Decision = new(DecisionAction.Refuse, "bad-request");
            return Answer.WriteAsync(context, bad.StatusCode, "The request was refused", bad.Message);
        }
        scope.Decision = new(DecisionAction.Fail, "internal-error");
        Log.Failed(log, e);
        if (!context.Response.HasStarted)
            context.Response.Clear();
        return Answer.WriteAsync(context, StatusCodes.Status500InternalServerError, "Something went wrong",
            "The gateway could not handle this request. Whoever runs the app can find out why with the reference below.");
    }

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Error, "A request failed inside the gateway.")]
        public static partial void Failed(ILogger log, Exception e);
    }
}
