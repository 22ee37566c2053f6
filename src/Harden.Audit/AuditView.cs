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

    /// <summary>Where the first of them stands.</summary>
    public LogPlace Place { get; init; }

    /// <summary>Names it as the one after which a page begins; of the store it came from, opaque to everyone else.</summary>
    public string Cursor { get => field ?? Place.ToString(); init; }

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
