using Harden.Gateway.Audit.Capture;
using Harden.Gateway.Audit.Redaction;
using Microsoft.AspNetCore.Http.Features;

namespace Harden.Gateway.Audit;

/// <summary>
/// What the audit stage knows of one request while it runs. Puts its taps in place and takes them out again; notices when a long exchange
/// is due for another word on record.
/// </summary>
internal sealed class Exchange
{
    private readonly AuditTrail trail;
    private readonly long progressTicks;
    private long nextProgress;
    private Stream? requestBody;

    public Exchange(HttpContext context, RequestScope scope, AuditTrail trail, AuditOptions options, Redactor redactor)
    {
        (Context, Scope, Options, Redactor) = (context, scope, options, redactor);
        this.trail = trail;
        Started = trail.Time.GetTimestamp();
        progressTicks = (long)(options.Progress.TotalSeconds * trail.Time.TimestampFrequency);
        nextProgress = Started + progressTicks;
        Response = new(trail.Time, Passed);
    }

    public HttpContext Context { get; }

    public RequestScope Scope { get; }

    public AuditOptions Options { get; }

    public Redactor Redactor { get; }

    /// <summary>When the request came, in the clock's ticks.</summary>
    public long Started { get; }

    /// <summary>The request body; null if the request can't have one.</summary>
    public BodyTap? Request { get; private set; }

    public BodyTap Response { get; }

    /// <summary>The intent is on record, so that the end is a completion.</summary>
    public bool HasIntent { get; private set; }

    /// <summary>What waiting for the intent took, in the clock's ticks.</summary>
    public long IntentTicks { get; private set; }

    /// <summary>The status the client got; 0 if none.</summary>
    public int Status { get; private set; }

    /// <summary>The connection has become a tunnel.</summary>
    public bool IsUpgraded { get; private set; }

    /// <summary>Puts the taps in place.</summary>
    public void Begin()
    {
        var features = Context.Features;
        if (features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            Request = new(trail.Time, Passed);
            requestBody = Context.Request.Body;
            Context.Request.Body = new TapStream(requestBody, Request, null);
        }
        features.Set<IHttpResponseBodyFeature>(new TapResponse(features.GetRequiredFeature<IHttpResponseBodyFeature>(), Response));
        if (Context.Request.Headers.Upgrade.Count > 0 && features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
            features.Set<IHttpUpgradeFeature>(new TapUpgrade(upgrade, this));
        else if (HttpMethods.IsConnect(Context.Request.Method) && features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
            features.Set<IHttpExtendedConnectFeature>(new TapConnect(connect, this));
    }

    /// <summary>The intent was recorded.</summary>
    /// <param name="since">When the wait for it began.</param>
    public void Intended(long since)
    {
        HasIntent = true;
        IntentTicks = trail.Time.GetTimestamp() - since;
    }

    /// <summary>The connection became a tunnel: worth a word at once, since the end may be hours away.</summary>
    public void Upgraded()
    {
        IsUpgraded = true;
        Request ??= new(trail.Time, Passed);
        Status = Context.Response.StatusCode;
        Report(trail.Time.GetTimestamp());
    }

    /// <summary>Takes the taps out.</summary>
    /// <param name="failure">What the later stages failed with, to be answered outside.</param>
    public void End(Exception? failure)
    {
        Volatile.Write(ref nextProgress, long.MaxValue);
        Status = failure is null || Context.Response.HasStarted ? Context.Response.StatusCode
            : failure is BadHttpRequestException bad ? bad.StatusCode
            : StatusCodes.Status500InternalServerError;
        var features = Context.Features;
        if (requestBody is not null)
            Context.Request.Body = requestBody;
        if (features.Get<IHttpResponseBodyFeature>() is TapResponse response)
            features.Set(response.Inner);
        if (features.Get<IHttpUpgradeFeature>() is TapUpgrade upgrade)
            features.Set(upgrade.Inner);
        else if (features.Get<IHttpExtendedConnectFeature>() is TapConnect connect)
            features.Set(connect.Inner);
    }

    // Called with every piece of a body, on the thread that carries it.
    private void Passed(BodyTap tap)
    {
        if (!HasIntent)
            return;
        if (tap.First != 0 && Status == 0 && tap == Response)
        {
            Status = Context.Response.StatusCode;
            if (Context.Response.ContentType is { } type && type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
                Volatile.Write(ref nextProgress, 0); // may stay open for hours
        }
        var due = Volatile.Read(ref nextProgress);
        var now = trail.Time.GetTimestamp();
        if (now >= due && Interlocked.CompareExchange(ref nextProgress, now + progressTicks, due) == due)
            trail.Progress(this);
    }

    private void Report(long now)
    {
        Volatile.Write(ref nextProgress, now + progressTicks);
        if (HasIntent)
            trail.Progress(this);
    }
}
