using Harden.Audit;

namespace Harden.Gateway.Console.Pages;

/// <summary>Looks things up for pages of the console, few at once: the gateway must stay quick for the app's users.</summary>
internal sealed class RecordSearch(Lazy<IAuditRecords> records)
{
    private readonly SemaphoreSlim seats = new(2, 2);

    /// <summary>What a reader should know of the answers; empty if there is nothing to tell.</summary>
    public string Remark => records.Value.Remark;

    /// <summary>A page of the list.</summary>
    /// <param name="query">What to look for; it must have no problems.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="cancel">The reader has gone away.</param>
    /// <exception cref="FormatException">The query's cursor is none.</exception>
    public Task<RecordList> ListAsync(RecordQuery query, int size, CancellationToken cancel) => SeatedAsync(async () =>
    {
        var page = await records.Value.SearchAsync(query.Filter, query.Before, size, cancel);
        var nothing = page.Found.Count == 0 && query.IsOpen && (await records.Value.SearchAsync(new(), null, 1, cancel)).Found.Count == 0;
        return new RecordList(page, nothing);
    }, cancel);

    /// <summary>The requests with this request id or trace id, newest first; at most 100.</summary>
    public Task<IReadOnlyList<AuditView>> FindAsync(string id, CancellationToken cancel) => SeatedAsync(() => records.Value.FindAsync(id, cancel), cancel);

    /// <summary>A page of the log's own entries.</summary>
    /// <exception cref="FormatException">The cursor is none.</exception>
    public Task<AuditNotices> NoticesAsync(string before, int size, CancellationToken cancel) => SeatedAsync(() => records.Value.NoticesAsync(before, size, cancel), cancel);

    private async Task<T> SeatedAsync<T>(Func<Task<T>> look, CancellationToken cancel)
    {
        await seats.WaitAsync(cancel);
        try
        {
            return await look();
        }
        finally
        {
            seats.Release();
        }
    }
}

/// <summary>A page of the list.</summary>
/// <param name="Page">What was found.</param>
/// <param name="NothingYet">Nothing at all is on record.</param>
internal sealed record RecordList(AuditPage Page, bool NothingYet)
{
    public IReadOnlyList<AuditView> Found => Page.Found;
}
