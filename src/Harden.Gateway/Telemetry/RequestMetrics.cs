using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Harden.Gateway.Telemetry;

/// <summary>Counts and times requests, by OpenTelemetry's HTTP conventions and by what Harden decided. No tag takes what a client wrote.</summary>
internal sealed class RequestMetrics
{
    private static readonly object[] Statuses = [.. Enumerable.Range(0, 600).Select(static status => (object)status)]; // boxed once

    private readonly Histogram<double> duration;
    private readonly UpDownCounter<long> active;

    public RequestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(RequestSpan.SourceName);
        duration = meter.CreateHistogram<double>("http.server.request.duration", "s", "Time from the request's arrival to the end of its answer.",
            advice: new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] });
        active = meter.CreateUpDownCounter<long>("http.server.active_requests", "{request}", "Requests being handled, open streams and WebSockets included.");
    }

    /// <summary>A request has arrived.</summary>
    public void Started(HttpRequest request) => active.Add(1, Method(request), Scheme(request));

    /// <summary>A request has ended.</summary>
    public void Ended(HttpContext context, RequestScope scope, TimeSpan elapsed, Exception? failure)
    {
        active.Add(-1, Method(context.Request), Scheme(context.Request));
        var status = context.Response.StatusCode;
        var tags = new TagList
        {
            Method(context.Request),
            Scheme(context.Request),
            new("http.response.status_code", status is >= 0 and < 600 ? Statuses[status] : status),
            new("network.protocol.version", context.Request.Protocol switch { "HTTP/2" => "2", "HTTP/3" => "3", "HTTP/1.0" => "1.0", _ => "1.1" }),
            new("harden.decision", Names.Of(scope.Decision.Action)),
        };
        if (failure is not null)
            tags.Add("error.type", failure.GetType().FullName);
        duration.Record(elapsed.TotalSeconds, tags);
    }

    private static KeyValuePair<string, object?> Method(HttpRequest request) => new("http.request.method", HttpMethodName.Of(request.Method));

    private static KeyValuePair<string, object?> Scheme(HttpRequest request) => new("url.scheme", request.Scheme == "https" ? "https" : "http");

    /// <summary>Decisions in words.</summary>
    internal static class Names
    {
        /// <summary>The word for a decision, as metrics and spans say it.</summary>
        public static string Of(DecisionAction action) => action switch
        {
            DecisionAction.Forward => "forward",
            DecisionAction.Answer => "answer",
            DecisionAction.SignIn => "signIn",
            DecisionAction.Deny => "deny",
            DecisionAction.Limit => "limit",
            DecisionAction.Refuse => "refuse",
            DecisionAction.Fail => "fail",
            _ => "none",
        };
    }
}
