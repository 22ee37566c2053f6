using System.Diagnostics;

namespace Harden.Gateway.Telemetry;

/// <summary>
/// The gateway's own span of a request, named and tagged by OpenTelemetry's HTTP conventions. It always has ids, because the answer, the
/// logs, the record and the prototype carry them; tags are set only if somebody exports the span.
/// </summary>
internal readonly struct RequestSpan : IDisposable
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = "Harden.Gateway";

    private const int Longest = 1024; // characters of anything that a client wrote

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Activity activity;
    private readonly bool exported;

    private RequestSpan(Activity activity, bool exported)
    {
        this.activity = activity;
        this.exported = exported;
    }

    /// <summary>Starts the span and writes its ids to the scope.</summary>
    public static RequestSpan Start(HttpContext context, RequestScope scope, bool trustIncoming)
    {
        if (Activity.Current is not null)
            Activity.Current = null; // whoever started it took the caller's traceparent as it came
        var incoming = Incoming(context.Request.Headers, trustIncoming);
        var method = HttpMethodName.Of(context.Request.Method);
        var activity = Source.HasListeners()
            ? Source.StartActivity(method == HttpMethodName.Other ? "HTTP" : method, ActivityKind.Server,
                trustIncoming ? incoming : default, links: trustIncoming || incoming == default ? null : [new(incoming)])
            : null;
        var span = new RequestSpan(activity ?? Unexported(method, trustIncoming ? incoming : default), activity?.IsAllDataRequested ?? false);
        scope.TraceId = span.activity.TraceId.ToHexString();
        scope.SpanId = span.activity.SpanId.ToHexString();
        // Forwarded like any other header, so that the prototype's spans become children of this one whatever sends the request.
        context.Request.Headers.TraceParent = span.activity.Id;
        if (!trustIncoming)
            context.Request.Headers.Remove("tracestate"); // it belongs to the trace that was not continued
        if (span.exported)
            span.Describe(context.Request, scope, method);
        return span;
    }

    /// <summary>Tags the span with what became of the request.</summary>
    public void End(HttpContext context, RequestScope scope, Exception? failure)
    {
        if (!exported)
            return;
        var status = context.Response.StatusCode;
        activity.SetTag("http.response.status_code", status);
        activity.SetTag("harden.request_id", scope.RequestId);
        activity.SetTag("harden.decision", RequestMetrics.Names.Of(scope.Decision.Action));
        Tag("harden.reason", scope.Decision.Reason);
        Tag("harden.rule", scope.Decision.Rule);
        Tag("harden.limit", scope.Decision.Limit);
        Tag("harden.would_deny", scope.Decision.WouldDeny);
        Tag("harden.would_limit", scope.WouldLimit);
        Tag("harden.upstream.error", scope.Upstream?.Error);
        if (scope.Subject is { } subject)
            activity.SetTag("enduser.pseudo.id", subject.Pseudonym);
        if (failure is null && status < 500)
            return;
        activity.SetTag("error.type", failure?.GetType().FullName ?? status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        activity.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Ends the span.</summary>
    public void Dispose() => activity.Dispose();

    private void Describe(HttpRequest request, RequestScope scope, string method)
    {
        activity.SetTag("http.request.method", method);
        if (method == HttpMethodName.Other)
            Tag("http.request.method_original", Value(request.Method));
        activity.SetTag("url.scheme", request.Scheme);
        var query = scope.RawTarget.IndexOf('?', StringComparison.Ordinal);
        Tag("url.path", Path(query < 0 ? scope.RawTarget : scope.RawTarget[..query], scope.Path));
        if (query >= 0)
            activity.SetTag("url.query", "REDACTED"); // names and values may both be secret; the record keeps what its rules allow
        Tag("server.address", Value(request.Host.Host));
        activity.SetTag("client.address", scope.Client.ToString());
        activity.SetTag("network.peer.address", scope.Peer.ToString());
        activity.SetTag("network.protocol.version", request.Protocol is "HTTP/1.1" or "HTTP/1.0" ? request.Protocol[5..] : request.Protocol[5..6]);
        Tag("user_agent.original", Value(request.Headers.UserAgent.ToString()));
    }

    // All of it, or nothing if it shows a credential, as the record has it.
    private static string Value(string sent) => SecretShape.Of(sent) is null ? sent : "REDACTED";

    // As sent, unless it shows a credential, or would if it were decoded.
    private static string Path(string sent, string read) =>
        SecretShape.Of(sent) is null && SecretShape.Of(read) is null ? sent : SecretShape.Mask(read.Length > 0 ? read : sent);

    private void Tag(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            activity.SetTag(name, value.Length > Longest ? value[..Longest] : value);
    }

    // Sampled, although nobody here exports it: a prototype with tracing of its own follows the flag, and Harden must not switch it off.
    private static Activity Unexported(string method, ActivityContext parent)
    {
        var activity = new Activity(method);
        if (parent != default)
        {
            activity.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
            activity.TraceStateString = parent.TraceState;
        }
        else
        {
            activity.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        }
        return activity.Start();
    }

    // Without its state, unless it is trusted: anything can stand there, and a link would export it.
    private static ActivityContext Incoming(IHeaderDictionary headers, bool withState)
    {
        var parent = headers.TraceParent;
        return parent.Count == 1 && ActivityContext.TryParse(parent[0], withState ? headers.TraceState : default(string?), isRemote: true, out var context) ? context : default;
    }
}
