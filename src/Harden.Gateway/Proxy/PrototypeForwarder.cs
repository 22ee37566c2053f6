using System.Diagnostics;
using Harden.Gateway.Configuration;
using Harden.Gateway.Proxy.Identity;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.ObjectPool;
using Yarp.ReverseProxy.Forwarder;

namespace Harden.Gateway.Proxy;

/// <summary>
/// Hands a request to the prototype and its answer to the client. Runs last: whoever gets here is known, allowed, counted and on record.
/// If the prototype fails, the caller gets an answer that says so, or, once an answer has begun, a connection that is visibly broken.
/// </summary>
internal sealed partial class PrototypeForwarder(
    IHttpForwarder forwarder, Live<PrototypeOptions> live, SubjectHeaders who, PrototypeMetrics metrics, TimeProvider time, ILogger<PrototypeForwarder> log) : IDisposable
{
    private static readonly ActivitySource Spans = new("Harden.Gateway");
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    private readonly HttpMessageInvoker client = PrototypeClient.Create(live);
    private readonly ObjectPool<Deadline> deadlines = new DefaultObjectPool<Deadline>(new DeadlinePolicy(time), 1024);
    private Destination? destination;

    /// <summary>Forwards one request.</summary>
    public async Task ForwardAsync(HttpContext context)
    {
        var options = live.Current;
        var target = destination;
        if (target is null || !ReferenceEquals(target.Options, options))
            destination = target = new(options);

        var scope = RequestScope.Of(context);
        var request = context.Request;
        if (request.Headers.Upgrade.Count > 0 && !request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase))
            request.Headers.Remove("Upgrade"); // h2c and other tunnels would pass Harden by
        var deadline = deadlines.Get();
        var body = request.Body;
        var upload = context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? new UploadStream(body, deadline) : null;
        if (upload is not null)
            request.Body = upload;
        using var span = Spans.StartActivity("forward", ActivityKind.Client);
        try
        {
            if (await SendAsync(context, scope, target, deadline, upload) is { } failure)
                await FailAsync(context, scope, failure);
        }
        finally
        {
            request.Body = body;
            deadlines.Return(deadline);
        }
    }

    public void Dispose() => client.Dispose();

    private async Task<ForwardFailure?> SendAsync(HttpContext context, RequestScope scope, Destination target, Deadline deadline, UploadStream? upload)
    {
        var upstream = scope.Upstream = new();
        var started = Stopwatch.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(25); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            upstream.Attempts++;
            deadline.Start(target.Options.Timeout);
            var forwarding = new Forwarding(scope, target, who, deadline, upload);
            var error = await forwarder.SendAsync(context, target.Origin, client, target.ConfigFor(context.Request), forwarding, deadline.Token);
            if (forwarding.Answered != 0)
                metrics.Answered(Stopwatch.GetElapsedTime(started, forwarding.Answered), context.Response.StatusCode);
            if (error == ForwarderError.None && forwarding.Broken is null)
                return null;
            var failure = ForwardFailure.Of(error, forwarding.Broken ?? context.GetForwarderErrorFeature()?.Exception, deadline.Expired, context.RequestAborted.IsCancellationRequested);
            // Refused means that nothing has been sent, so trying again is safe for every method (RFC 9110 section 9.2.2).
            if (failure != ForwardFailure.Refused || Stopwatch.GetElapsedTime(started) + pause > target.Options.RestartWait)
                return failure;
            await Task.Delay(pause, time, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (context.RequestAborted.IsCancellationRequested)
                return ForwardFailure.ClientLeft;
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.StatusCode = StatusCodes.Status200OK;
        }
    }

    private Task FailAsync(HttpContext context, RequestScope scope, ForwardFailure failure)
    {
        scope.Upstream!.Error = failure.Error;
        scope.Upstream.BrokeOff = context.Response.HasStarted && failure != ForwardFailure.ClientLeft;
        if (failure == ForwardFailure.ClientLeft)
        {
            context.Abort(); // for an answer that nobody reads
            return Task.CompletedTask;
        }
        scope.Decision = scope.Decision with { Action = DecisionAction.Fail, Reason = failure.Error };
        metrics.Failed(failure.Error);
        Log.Failed(log, failure.Error, live.Current.Name, scope.TraceId);
        if (!context.Response.HasStarted)
            context.Response.Clear(); // what was copied of an answer that then broke
        else if (context.Features.Get<IHttpResetFeature>() is { } http2)
            http2.Reset(errorCode: 2); // INTERNAL_ERROR: the stream, not the connection with all the others
        return Answer.WriteAsync(context, failure.Status, failure.Title, failure.Detail);
    }

    private sealed class DeadlinePolicy(TimeProvider time) : PooledObjectPolicy<Deadline>
    {
        public override Deadline Create() => new(time);

        public override bool Return(Deadline deadline) => deadline.TryReset();
    }

    private static partial class Log
    {
        [LoggerMessage(7003, LogLevel.Information, "A request failed with \"{Error}\" between the gateway and the app \"{Name}\" (reference {TraceId}).")]
        public static partial void Failed(ILogger log, string error, string name, string traceId);
    }
}
