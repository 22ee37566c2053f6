using System.Runtime.CompilerServices;

namespace Harden.Audit;

/// <summary>
/// Searches the files of the log themselves, from their end. Needs nothing but the files, and its time grows with them: it serves where there is no index, or
/// none yet.
/// </summary>
/// <param name="reader">Reads the files.</param>
/// <param name="time">The clock of <paramref name="budget"/>.</param>
/// <param name="budget">How long a page may take; null for as long as it does.</param>
internal sealed class ScannedRecords(AuditReader reader, TimeProvider? time = null, TimeSpan? budget = null) : IAuditRecords
{
    private const int MostOfATrace = 100;
    private readonly TimeProvider time = time ?? TimeProvider.System;

    public string Remark => "";

    public Task<AuditPage> SearchAsync(AuditQuery query, string? after, int size, CancellationToken cancel) => Task.Run(() =>
    {
        var place = LogPlace.Parse(after);
        var since = time.GetTimestamp();
        List<AuditView> found = [];
        long looked = 0;
        foreach (var view in reader.Walk(query))
        {
            cancel.ThrowIfCancellationRequested();
            if ((place is null || view.Place < place) && query.Matches(view))
            {
                if (found.Count == size)
                    return new(found, found[^1].Cursor);
                found.Add(view);
            }
            if (budget is { } most && ++looked % 256 == 0 && time.GetElapsedTime(since) > most)
                return new(found, null) { GaveUpAt = view.Time };
        }
        return new AuditPage(found, null);
    }, cancel);

    public Task<IReadOnlyList<AuditView>> FindAsync(string id, CancellationToken cancel) => Task.Run<IReadOnlyList<AuditView>>(() =>
    {
        List<AuditView> found = [];
        foreach (var view in id.Length == 0 ? [] : reader.ByTrace(id))
        {
            cancel.ThrowIfCancellationRequested();
            found.Add(view);
            if (view.Entry.RequestId.Equals(id, StringComparison.OrdinalIgnoreCase) || found.Count == MostOfATrace)
                break;
        }
        return found;
    }, cancel);

    public Task<AuditCount> CountAsync(AuditQuery query, int most, CancellationToken cancel) => Task.Run(() =>
    {
        long count = 0;
        foreach (var view in reader.Walk(query))
        {
            cancel.ThrowIfCancellationRequested();
            if (!query.Matches(view))
                continue;
            if (count == most)
                return new(count, true);
            count++;
        }
        return new AuditCount(count, false);
    }, cancel);

    public Task<AuditNotices> NoticesAsync(string? after, int size, CancellationToken cancel) => Task.Run(() =>
    {
        var place = LogPlace.Parse(after);
        List<AuditEntry> found = [];
        var last = default(LogPlace);
        foreach (var (at, entry) in reader.Notices())
        {
            cancel.ThrowIfCancellationRequested();
            if (place is not null && !(at < place))
                continue;
            if (found.Count == size)
                return new(found, last.ToString());
            found.Add(entry);
            last = at;
        }
        return new AuditNotices(found, null);
    }, cancel);

    public async IAsyncEnumerable<AuditView> ReadAsync(AuditQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.Yield();
        foreach (var view in reader.Read(query))
        {
            cancel.ThrowIfCancellationRequested();
            yield return view;
        }
    }
}
