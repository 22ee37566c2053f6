namespace Harden.Audit;

/// <summary>The record as it is searched: newest request first, each as everything its entries say together.</summary>
internal interface IAuditRecords
{
    /// <summary>A page of requests that match, newest first.</summary>
    /// <param name="query">Which.</param>
    /// <param name="after"><see cref="AuditView.Cursor"/> of the request after which, going back in time, the page begins; null for the newest page. New requests don't shift what follows it.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FormatException"><paramref name="after"/> is no cursor.</exception>
    Task<AuditPage> SearchAsync(AuditQuery query, string? after, int size, CancellationToken cancel);

    /// <summary>The request with this id, or those of this trace, newest first; at most 100.</summary>
    Task<IReadOnlyList<AuditView>> FindAsync(string id, CancellationToken cancel);

    /// <summary>How many requests match, counted no further than <paramref name="most"/>.</summary>
    Task<AuditCount> CountAsync(AuditQuery query, int most, CancellationToken cancel);

    /// <summary>What the log says of itself (boots, gaps, torn tails, retention, holds), newest first; cursors as in <see cref="SearchAsync"/>.</summary>
    Task<AuditNotices> NoticesAsync(string? after, int size, CancellationToken cancel);

    /// <summary>Every request that matches, newest first, read as it is enumerated.</summary>
    IAsyncEnumerable<AuditView> ReadAsync(AuditQuery query, CancellationToken cancel);

    /// <summary>What a reader should know of the answers: an index that is catching up, say; empty if there is nothing to tell. One sentence.</summary>
    string Remark { get; }
}

/// <summary>A page of requests.</summary>
/// <param name="Found">Newest first.</param>
/// <param name="Next">Cursor of the next page; null if nothing older matches.</param>
internal sealed record AuditPage(IReadOnlyList<AuditView> Found, string? Next)
{
    /// <summary>Where the search was given up because it took too long: older ones may match. Null if it went to its end.</summary>
    public DateTimeOffset? GaveUpAt { get; init; }
}

/// <summary>A bounded count.</summary>
/// <param name="Count">How many.</param>
/// <param name="More">There are more than were counted.</param>
internal readonly record struct AuditCount(long Count, bool More);

/// <summary>A page of the log's own entries.</summary>
/// <param name="Found">Newest first.</param>
/// <param name="Next">Cursor of the next page; null if there are none older.</param>
internal sealed record AuditNotices(IReadOnlyList<AuditEntry> Found, string? Next);
