namespace Harden.Audit;

/// <summary>Everything the log knows of one request: its intent and how it ended, joined.</summary>
internal sealed record AuditView
{
    /// <summary>What is known of the exchange, from all its entries.</summary>
    public required AuditEntry Entry { get; init; }

    /// <summary>How far it got.</summary>
    public required AuditState State { get; init; }

    /// <summary>The entries it is made of, oldest first: intent and completion, or one denial.</summary>
    public required IReadOnlyList<AuditEntry> Parts { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Time => Parts[0].Time;

    /// <summary>Joins a request's entries.</summary>
    /// <param name="begin">The intent, or the denial, or a completion whose intent is gone.</param>
    /// <param name="last">The latest later entry, if there is one.</param>
    /// <param name="live">The boot is still writing.</param>
    public static AuditView Join(AuditEntry begin, AuditEntry? last, bool live)
    {
        var done = begin.Stage is EntryStage.Denial or EntryStage.Completion || last?.Stage == EntryStage.Completion;
        return new()
        {
            Entry = last is null ? begin : Merge(begin, last),
            State = done ? AuditState.Complete : live ? AuditState.Open : AuditState.Interrupted,
            Parts = last is null ? [begin] : [begin, last],
        };
    }

    private static AuditEntry Merge(AuditEntry begin, AuditEntry last) => begin with
    {
        Stage = last.Stage,
        Http = begin.Http is null || last.Http is null ? begin.Http ?? last.Http : begin.Http with { Status = last.Http.Status, ResponseHeaders = last.Http.ResponseHeaders },
        Body = last.Body ?? begin.Body,
        Decision = last.Decision ?? begin.Decision,
        Upstream = last.Upstream ?? begin.Upstream,
        Timing = last.Timing ?? begin.Timing,
        Redactions = [.. begin.Redactions, .. last.Redactions],
        Notice = last.Notice ?? begin.Notice,
    };
}

/// <summary>How far a request got.</summary>
internal enum AuditState
{
    /// <summary>Its end is on record.</summary>
    Complete,

    /// <summary>Still running in the gateway that recorded its intent.</summary>
    Open,

    /// <summary>The gateway died before it could record the end.</summary>
    Interrupted,
}

/// <summary>Which requests to read. What is null or empty doesn't narrow.</summary>
internal sealed record AuditFilter
{
    /// <summary>A part of path, query, user name, subject or request id; letter case doesn't count.</summary>
    public string Text { get; init; } = "";

    /// <summary>First digit of the status, 1 to 5.</summary>
    public int? StatusClass { get; init; }

    /// <summary>What was done: <c>forward</c>, <c>answer</c>, <c>signIn</c>, <c>deny</c>, <c>limit</c>, <c>refuse</c>, <c>fail</c>.</summary>
    public string Action { get; init; } = "";

    /// <summary>Began at or after.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Began before.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>A request id or a trace id, whole.</summary>
    public string Id { get; init; } = "";

    /// <summary>True if the request is wanted.</summary>
    public bool Matches(AuditView view)
    {
        var entry = view.Entry;
        return (From is null || view.Time >= From)
            && (To is null || view.Time < To)
            && (StatusClass is null || entry.Http?.Status / 100 == StatusClass)
            && (Action.Length == 0 || Action.Equals(entry.Decision?.Action, StringComparison.OrdinalIgnoreCase))
            && (Id.Length == 0 || Id.Equals(entry.RequestId, StringComparison.OrdinalIgnoreCase) || Id.Equals(entry.TraceId, StringComparison.OrdinalIgnoreCase))
            && (Text.Length == 0 || Has(entry.Http?.Path) || Has(entry.Http?.Query) || Has(entry.Actor?.Display) || Has(entry.Actor?.Subject) || Has(entry.RequestId));
    }

    private bool Has(string? field) => field is not null && field.Contains(Text, StringComparison.OrdinalIgnoreCase);
}
