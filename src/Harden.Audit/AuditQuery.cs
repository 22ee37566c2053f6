namespace Harden.Audit;

/// <summary>
/// Which requests of the record to find. What is null or empty doesn't narrow; everything given must hold. Letter case never counts. This class
/// has the last word on what matches, whatever a store used to get there quickly.
/// </summary>
internal sealed record AuditQuery
{
    /// <summary>Began at or after.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Began before.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The subject's whole id, or words that the person's name or mail address has, or begins words with.</summary>
    public string User { get; init; } = "";

    /// <summary>The method, whole.</summary>
    public string Method { get; init; } = "";

    /// <summary>How the path begins; or, with a <c>*</c> in it, the whole path, where <c>*</c> stands for anything.</summary>
    public string Path { get; init; } = "";

    /// <summary>The status of the answer.</summary>
    public int? Status { get; init; }

    /// <summary>First digit of the status, 1 to 5.</summary>
    public int? StatusClass { get; init; }

    /// <summary>What was done: <c>forward</c>, <c>answer</c>, <c>signIn</c>, <c>deny</c>, <c>limit</c>, <c>refuse</c>, <c>fail</c>.</summary>
    public string Action { get; init; } = "";

    /// <summary>Why, whole.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The access rule that decided, whole.</summary>
    public string Rule { get; init; } = "";

    /// <summary>The rate limit that refused, whole.</summary>
    public string Limit { get; init; } = "";

    /// <summary>A request id or a trace id, whole.</summary>
    public string Id { get; init; } = "";

    /// <summary>The client's address as it is recorded, whole.</summary>
    public string Client { get; init; } = "";

    /// <summary>How far it got.</summary>
    public QueryState? State { get; init; }

    /// <summary>Leave out what Harden answers for its own console and health.</summary>
    public bool HideOwn { get; init; }

    /// <summary>
    /// Words, each of which begins a word of path, query or name (or of a body, where bodies are searchable), in any order; or a whole request id, trace id or object id.
    /// </summary>
    public string Text { get; init; } = "";

    /// <summary>True if the request is wanted.</summary>
    public bool Matches(AuditView view) => MatchesAllButText(view) && MatchesText(view.Entry);

    /// <summary>The same, for a store that has already found the text, also where the entry doesn't show it: in bodies.</summary>
    public bool MatchesAllButText(AuditView view)
    {
        var entry = view.Entry;
        return (From is null || view.Time >= From)
            && (To is null || view.Time < To)
            && (Status is null || entry.Http?.Status == Status)
            && (StatusClass is null || entry.Http?.Status / 100 == StatusClass)
            && Is(Method, entry.Http?.Method)
            && Is(Action, entry.Decision?.Action) && Is(Reason, entry.Decision?.Reason) && Is(Rule, entry.Decision?.Rule) && Is(Limit, entry.Decision?.Limit)
            && Is(Client, entry.Source?.Client)
            && (State is null || State == StateOf(view))
            && (Id.Length == 0 || Is(Id, entry.RequestId) || Is(Id, entry.TraceId))
            && (Path.Length == 0 || (entry.Http is { } http && PathPattern.Matches(Path, http.Path)))
            && (User.Length == 0 || (entry.Actor is { } actor && (Is(User, actor.Subject) || (!SearchWords.IsSubject(User) && SearchWords.AllBegin(User, actor.Display)))))
            && !(HideOwn && IsOwn(entry.Decision));
    }

    /// <summary>True for what Harden answers for its own console and health.</summary>
    public static bool IsOwn(AuditDecision? decision) => decision is not null && IsOwn(decision.Action, decision.Reason);

    /// <inheritdoc cref="IsOwn(AuditDecision?)" />
    public static bool IsOwn(ReadOnlySpan<char> action, ReadOnlySpan<char> reason) => action is "answer" or "signIn" && reason is "console" or "health";

    private bool MatchesText(AuditEntry entry) => Text.Length == 0
        || (SearchWords.IsId(Text) && (Is(Text, entry.RequestId) || Is(Text, entry.TraceId)))
        || (SearchWords.IsSubject(Text) && Is(Text, entry.Actor?.Subject))
        || SearchWords.AllBegin(Text, entry.Http?.Path, entry.Http?.Query, entry.Actor?.Display);

    private static QueryState StateOf(AuditView view) => view.State switch
    {
        AuditState.Open => QueryState.Open,
        AuditState.Interrupted => QueryState.Interrupted,
        _ => view.Entry.Stage == EntryStage.Denial ? QueryState.Denied : QueryState.Completed,
    };

    private static bool Is(string wanted, string? value) => wanted.Length == 0 || wanted.Equals(value, StringComparison.OrdinalIgnoreCase);
}

/// <summary>How far a request got, as one can ask for it.</summary>
internal enum QueryState
{
    /// <summary>Still running.</summary>
    Open,

    /// <summary>The gateway died before it could record the end.</summary>
    Interrupted,

    /// <summary>It was forwarded, and its end is on record.</summary>
    Completed,

    /// <summary>It was never forwarded: denied, limited, refused, or answered by Harden itself.</summary>
    Denied,
}
