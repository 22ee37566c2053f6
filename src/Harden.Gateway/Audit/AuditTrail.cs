using System.Buffers;
using System.Net;
using Harden.Audit;
using Harden.Audit.Bodies;
using Harden.Gateway.Audit.Capture;
using Harden.Gateway.Audit.Policy;
using Harden.Gateway.Audit.Redaction;
using Harden.Gateway.Audit.Refusals;
using Harden.Gateway.Configuration;

namespace Harden.Gateway.Audit;

/// <summary>The log of this gateway and the rules by which exchanges are written to it.</summary>
internal sealed partial class AuditTrail : IDisposable
{
    private readonly AuditLog log;
    private readonly Live<AuditOptions> live;
    private readonly AuditMetrics metrics;
    private readonly LogRecords records;
    private readonly BodyKeeper keeper;
    private readonly EntryDraft draft;
    private readonly RefusalTally refusals;
    private readonly ILogger<AuditTrail> logger;
    private readonly CaptureBudget captures = new();
    private readonly Lock reloading = new();
    private InForce policy;
    private string? failing;

    public AuditTrail(StateDirectory state, Live<AuditOptions> live, AuditMetrics metrics, BodyRedactor redactor, LogRecords records, TimeProvider time, ILogger<AuditTrail> logger, CheckpointsInRedis? second = null)
    {
        (this.live, this.metrics, this.records, this.logger, Time) = (live, metrics, records, logger, time);
        draft = new(time);
        refusals = new(time, TellCounted);
        var options = new AuditLogOptions
        {
            SegmentBytes = live.Current.SegmentMiB * 1024L * 1024,
            SegmentAge = TimeSpan.FromHours(live.Current.SegmentHours),
            Retention = () => live.Current.Retention.Limits(),
            ReserveBytes = live.Current.ReserveMiB * 1024L * 1024,
            SigningKey = live.Current.CheckpointKey is { Length: > 0 } key ? key : Path.Combine(state.Of("audit-key"), "checkpoint.pem"),
            CheckpointCopy = live.Current.CheckpointCopy is { Length: > 0 } copy ? copy : null,
        };
        var observer = new AuditLogObserver
        {
            Flushed = metrics.Flushed,
            Failed = Failed,
            Recovered = Recovered,
            Noticed = notice => Log.Noticed(logger, notice.Reason, notice.Detail),
            Lost = metrics.Lost,
            Signed = second is null ? null : second.Keep,
        };
        try
        {
            Bodies = new(BodyKeys.OpenOrCreate(live.Current.BodyKey is { Length: > 0 } file ? file : Path.Combine(state.Of("audit-key"), "bodies.key")));
            log = AuditLog.Open(state.Of("audit"), options, time, observer);
        }
        catch (Exception e) when (e is AuditLogException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([new("StateDirectory", null, e.Message, "")]);
        }
        keeper = new(redactor, Bodies, logger);
        policy = Compile();
    }

    public TimeProvider Time { get; }

    /// <summary>Seals bodies for the record.</summary>
    public BodyVault Bodies { get; }

    /// <summary>The boot that is written.</summary>
    public string BootId => log.BootId;

    /// <summary>Place of the next entry to become durable.</summary>
    public LogPlace Durable => log.Durable;

    /// <summary>Whether the log can be written.</summary>
    public LogState State => log.State;

    /// <summary>Why not, in words for a caller: no paths, no system messages.</summary>
    public string Trouble => log.State switch
    {
        LogState.Full or LogState.Failed when log.IsFull => "The disk of the audit log is full.",
        LogState.Stalled => "The disk of the audit log does not answer.",
        LogState.Closed => "The gateway is stopping.",
        LogState.Failed => "The audit log can't be written.",
        _ => "The audit log could not take the record in time.",
    };

    /// <summary>A request has come.</summary>
    public Exchange Begin(HttpContext context)
    {
        var current = Volatile.Read(ref policy);
        if (!ReferenceEquals(current.Rules.Options, live.Current))
            current = Reload();
        return new(context, RequestScope.Of(context), this, current.Rules);
    }

    /// <summary>Where the beginning of a body is kept.</summary>
    /// <param name="limit">How much of it, in bytes.</param>
    /// <param name="options">What all captures together may hold.</param>
    public CaptureBuffer NewCapture(int limit, AuditOptions options) => new(limit, options.CaptureMiB * 1024L * 1024, captures);

    /// <summary>Records that the request is about to be forwarded, unless a rule wants no record of it.</summary>
    /// <returns>False if it must not be.</returns>
    public ValueTask<bool> IntendAsync(Exchange exchange)
    {
        if (!exchange.Plan())
        {
            metrics.Silent(exchange.Rule.Name);
            policy.Silent.Count(exchange.Rule);
            return new(true);
        }
        var since = Time.GetTimestamp();
        var entry = Draft(EntryStage.Intent, exchange, null);
        var appended = exchange.Options.Guarantee == AuditGuarantee.Strict ? log.AppendAsync(entry) : LaterAsync(entry);
        return appended.IsCompletedSuccessfully ? new(Intended(appended.Result, exchange, since)) : AwaitedAsync(appended, exchange, since);
    }

    /// <summary>Records that the exchange is still running. Called from the middle of a body, so it waits for nothing.</summary>
    public void Progress(Exchange exchange) => _ = LaterAsync(Draft(EntryStage.Progress, exchange, null)).AsTask();

    /// <summary>Records how the exchange ended.</summary>
    public ValueTask EndAsync(Exchange exchange, Exception? failure)
    {
        var scope = exchange.Scope;
        // By what answered and not by the path: what is refused below /health/ is no probe.
        if (exchange.IsSilent || (failure is null && !exchange.Options.HealthProbes && scope.Decision is { Action: DecisionAction.Answer, Reason: "health" }))
            return default;
        if (failure is not null && !exchange.Context.RequestAborted.IsCancellationRequested)
            scope.Decision = failure is BadHttpRequestException ? new(DecisionAction.Refuse, "bad-request") : scope.Decision with { Action = DecisionAction.Fail, Reason = "internal-error" };
        if (!exchange.HasCaptures || failure is not null)
            return RecordAsync(exchange);
        // The client has its answer, to the last chunk, before its body is redacted and sealed.
        exchange.Context.Response.OnCompleted(static state => ((Exchange)state).RecordAsync(), exchange);
        return default;
    }

    /// <summary>Records an exchange that has ended, with what is kept of its bodies.</summary>
    public ValueTask RecordAsync(Exchange exchange)
    {
        try
        {
            if (exchange.Options.LogRecords)
                Offer(exchange);
            if (!exchange.HasIntent && refusals.Counts(exchange))
                return default;
            var kept = exchange.HasIntent ? keeper.Keep(exchange) : null;
            return log.AppendLaterAsync(Draft(exchange.HasIntent ? EntryStage.Completion : EntryStage.Denial, exchange, kept));
        }
        finally
        {
            exchange.ReturnCaptures();
        }
    }

    /// <summary>Records a request that the server refused before any stage saw it.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="status">What it was answered.</param>
    /// <param name="reason">Why, in a stable word.</param>
    public void Reject(IPAddress peer, int status, string reason)
    {
        var entry = log.Rent();
        EntryDraft.WriteRejection(entry, peer, status, reason, Time);
        metrics.Drafted(EntryStage.Denial);
        _ = LaterAsync(entry).AsTask();
    }

    /// <summary>Records a sentence about the record itself.</summary>
    /// <param name="reason">A stable word.</param>
    /// <param name="sentence">For a reader.</param>
    /// <param name="count">How many it speaks of.</param>
    public void Tell(string reason, string sentence, long count)
    {
        var entry = log.Rent();
        entry.Write(NoticeEntry.Draft(EntryStage.Notice, new() { Reason = reason, Detail = sentence, Count = count }, Time));
        metrics.Drafted(EntryStage.Notice);
        _ = LaterAsync(entry).AsTask();
    }

    public void Dispose()
    {
        policy.Silent.Dispose();
        refusals.Dispose();
        log.Dispose();
        Bodies.Dispose();
    }

    private void TellCounted(RefusalGroup group)
    {
        var entry = log.Rent();
        group.Write(entry, Time);
        metrics.Drafted(EntryStage.Denial);
        metrics.Counted(group.Count - 1);
        _ = LaterAsync(entry).AsTask();
    }

    // The whole exchange in one, since a completion alone does not tell who asked for what.
    private void Offer(Exchange exchange)
    {
        var entry = log.Rent();
        draft.Write(entry, EntryStage.Denial, exchange);
        records.Offer(entry.Body);
        log.Return(entry);
    }

    private InForce Reload()
    {
        lock (reloading)
        {
            if (ReferenceEquals(policy.Rules.Options, live.Current))
                return policy;
            policy.Silent.Dispose();
            policy = Compile();
            return policy;
        }
    }

    private InForce Compile()
    {
        var rules = new AuditRules(live.Current);
        foreach (var rule in rules.Silent)
            Log.Silent(logger, rule.Name, rule.Reason);
        return new(rules, new(rules.Silent, Time, (sentence, count) => Tell(SilentRules.Reason, sentence, count)));
    }

    private PendingEntry Draft(EntryStage stage, Exchange exchange, KeptBodies? kept)
    {
        var entry = log.Rent();
        draft.Write(entry, stage, exchange, kept);
        metrics.Drafted(stage);
        return entry;
    }

    private async ValueTask<bool> LaterAsync(PendingEntry entry)
    {
        await log.AppendLaterAsync(entry);
        return true;
    }

    private async ValueTask<bool> AwaitedAsync(ValueTask<bool> appended, Exchange exchange, long since) => Intended(await appended, exchange, since);

    private bool Intended(bool recorded, Exchange exchange, long since)
    {
        if (recorded)
            exchange.Intended(since);
        else
            metrics.Refused();
        return recorded;
    }

    private void Failed(string reason, string detail)
    {
        metrics.Failed(reason);
        if (failing == reason)
            return; // tried again every second; said once
        failing = reason;
        Log.Failed(logger, detail, live.Current.Guarantee == AuditGuarantee.Strict ? "Requests are answered with 503 until it can be." : "Requests still pass; their records wait in memory as far as there is room.");
    }

    private void Recovered()
    {
        failing = null;
        Log.Recovered(logger);
    }

    /// <summary>What is made of the options once, not for each request.</summary>
    private sealed record InForce(AuditRules Rules, SilentRules Silent);

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Error, "{Detail} {Consequence}")]
        public static partial void Failed(ILogger log, string detail, string consequence);

        [LoggerMessage(5002, LogLevel.Warning, "The audit log can be written again.")]
        public static partial void Recovered(ILogger log);

        [LoggerMessage(5003, LogLevel.Warning, "Audit log, {Reason}: {Detail}")]
        public static partial void Noticed(ILogger log, string reason, string detail);

        [LoggerMessage(5004, LogLevel.Warning, "Audit rule \"{Rule}\" leaves no record of what it matches, refusals excepted. Its reason: {Reason}")]
        public static partial void Silent(ILogger log, string rule, string reason);
    }
}
