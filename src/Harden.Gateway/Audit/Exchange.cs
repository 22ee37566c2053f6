using Harden.Gateway.Audit.Capture;
using Harden.Gateway.Audit.Policy;
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
    private readonly AuditRules rules;
    private readonly long progressTicks;
    private CapturePlan plan;
    private long nextProgress;
    private long nextUse;
    private Stream? requestBody;

    public Exchange(HttpContext context, RequestScope scope, AuditTrail trail, AuditRules rules)
    {
        (Context, Scope) = (context, scope);
        (this.trail, this.rules) = (trail, rules);
        plan = new(rules.Default, Settled: true, 0, 0);
        Started = trail.Time.GetTimestamp();
        progressTicks = (long)(rules.Options.Progress.TotalSeconds * trail.Time.TimestampFrequency);
        nextProgress = Started + progressTicks;
        Response = new(trail.Time, Passed);
    }

    public HttpContext Context { get; }

    public RequestScope Scope { get; }

    public AuditOptions Options => rules.Options;

    /// <summary>The rule that says what is recorded, as far as is known by now.</summary>
    public AuditRule Rule => plan.Rule;

    /// <summary>When the request came, in the clock's ticks.</summary>
    public long Started { get; }

    /// <summary>When it ended; 0 while it runs.</summary>
    public long Ended { get; private set; }

    /// <summary>The request body; null if the request can't have one.</summary>
    public BodyTap? Request { get; private set; }

    public BodyTap Response { get; }

    /// <summary>The intent is on record, so that the end is a completion.</summary>
    public bool HasIntent { get; private set; }

    /// <summary>A rule of level None wants no record of it.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>What waiting for the intent took, in the clock's ticks.</summary>
    public long IntentTicks { get; private set; }

    /// <summary>The status the client got; 0 if none.</summary>
    public int Status { get; private set; }

    /// <summary>Who closed the tunnel that the connection became; null if it didn't.</summary>
    public TunnelEnding? Tunnel { get; private set; }

    /// <summary>The answer is Harden's own, because the prototype gave none.</summary>
    public bool IsOwnAnswer { get; private set; }

    /// <summary>Parts of bodies are waiting to be redacted and recorded.</summary>
    public bool HasCaptures => Request?.Capture is not null || Response.Capture is not null;

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

    /// <summary>Everything is decided but the answer: from here on bodies are captured, and not before, because sign-in reads some that nobody may keep.</summary>
    /// <returns>False if a rule wants no record of this request.</returns>
    public bool Plan()
    {
        plan = rules.Plan(Scope, Context.Request);
        IsSilent = plan is { Settled: true, Rule.Level: AuditLevel.None };
        if (Request is not null && Caller.IsGrpc(Context.Request))
            Request.Frames = new GrpcMessages();
        else if (Request is not null && plan.RequestLimit > 0 && BodyRedactor.MayKeep(Context.Request.ContentType))
            Request.Capture = trail.NewCapture(plan.RequestLimit, rules.Options);
        return !IsSilent;
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
        Status = Context.Response.StatusCode;
        Settle();
        Tunnel = new();
        Request ??= new(trail.Time, Passed);
        Request.Capture = Response.Capture = null;
        if (!IsSilent && Rule.Level == AuditLevel.RequestResponse)
            (Request.Capture, Response.Capture) = (trail.NewCapture(Rule.Limit, Options), trail.NewCapture(Rule.Limit, Options));
        Request.Frames = new WebSocketFrames(fromClient: true, Tunnel) { Capture = Request.Capture };
        Response.Frames = new WebSocketFrames(fromClient: false, Tunnel) { Capture = Response.Capture };
        Volatile.Write(ref nextProgress, trail.Time.GetTimestamp() + progressTicks);
        if (HasIntent)
            trail.Progress(this);
    }

    /// <summary>Takes the taps out.</summary>
    /// <param name="failure">What the later stages failed with, to be answered outside.</param>
    public void End(Exception? failure)
    {
        Volatile.Write(ref nextProgress, long.MaxValue);
        Ended = trail.Time.GetTimestamp();
        Status = failure is null || Context.Response.HasStarted ? Context.Response.StatusCode
            : failure is BadHttpRequestException bad ? bad.StatusCode
            : StatusCodes.Status500InternalServerError;
        Settle();
        Request?.Capture?.Close();
        Response.Capture?.Close();
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

    /// <summary>Records it, once everything has been sent.</summary>
    public Task RecordAsync() => trail.RecordAsync(this).AsTask();

    /// <summary>Gives back what the captures hold.</summary>
    public void ReturnCaptures()
    {
        (Request?.Frames as IDisposable)?.Dispose();
        (Response.Frames as IDisposable)?.Dispose();
        Request?.Capture?.Return();
        Response.Capture?.Return();
    }

    // Called with every piece of a body, on the thread that carries it.
    private void Passed(BodyTap tap)
    {
        if (!HasIntent)
            return;
        if (Status == 0 && tap == Response)
            Answered();
        var due = Volatile.Read(ref nextProgress);
        var now = trail.Time.GetTimestamp();
        if (now >= Volatile.Read(ref nextUse) && Scope.OnUse is { } onUse)
        {
            Volatile.Write(ref nextUse, now + trail.Time.TimestampFrequency);
            onUse();
        }
        if (now >= due && Interlocked.CompareExchange(ref nextProgress, now + progressTicks, due) == due)
            trail.Progress(this);
    }

    private void Answered()
    {
        Status = Context.Response.StatusCode;
        var type = Context.Response.ContentType;
        if (type is not null && type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
            Volatile.Write(ref nextProgress, 0); // may stay open for hours
        Settle();
        if (IsOwnAnswer = Scope.Upstream is not { Error: null })
            return;
        if (type is not null && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase))
            Response.Frames = new GrpcMessages();
        else if (Rule.Level == AuditLevel.RequestResponse && BodyRedactor.MayKeep(type))
            Response.Capture = trail.NewCapture(Rule.Limit, Options);
    }

    private void Settle()
    {
        if (!plan.Settled && HasIntent)
            plan = plan with { Rule = rules.Decide(Scope, Context.Request, Context.Response), Settled = true };
    }
}
