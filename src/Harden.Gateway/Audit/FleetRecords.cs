using System.Runtime.CompilerServices;
using Harden.Audit;
using Npgsql;

namespace Harden.Gateway.Audit;

/// <summary>The record of all replicas, from PostgreSQL; this replica's own while that can't be asked, which a reader is told.</summary>
internal sealed class FleetRecords(IAuditRecords fleet, IAuditRecords own) : IAuditRecords
{
    private volatile bool alone;

    public string Remark => alone
        ? "PostgreSQL can't be asked now, so only what this replica recorded is shown."
        : fleet.Remark;

    public Task<AuditPage> SearchAsync(AuditQuery query, string? after, int size, CancellationToken cancel) =>
        AskAsync(records => records.SearchAsync(query, after, size, cancel));

    public Task<IReadOnlyList<AuditView>> FindAsync(string id, CancellationToken cancel) => AskAsync(records => records.FindAsync(id, cancel));

    public Task<AuditCount> CountAsync(AuditQuery query, int most, CancellationToken cancel) => AskAsync(records => records.CountAsync(query, most, cancel));

    public Task<AuditNotices> NoticesAsync(string? after, int size, CancellationToken cancel) => AskAsync(records => records.NoticesAsync(after, size, cancel));

    // What has been given away can't be taken back, so a failure half-way is the reader's to hear of.
    public async IAsyncEnumerable<AuditView> ReadAsync(AuditQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var view in fleet.ReadAsync(query, cancel))
            yield return view;
    }

    private async Task<T> AskAsync<T>(Func<IAuditRecords, Task<T>> ask)
    {
        try
        {
            var answer = await ask(fleet);
            alone = false;
            return answer;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            alone = true;
            return await ask(own);
        }
    }
}
