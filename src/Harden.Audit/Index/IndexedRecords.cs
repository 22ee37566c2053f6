using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Harden.Audit.Index;

/// <summary>The record by its index; as long as that is not up to the log, or can't be used, by the files themselves.</summary>
/// <param name="reader">Searches by the index.</param>
/// <param name="index">Keeps it.</param>
/// <param name="scan">Searches the files.</param>
internal sealed class IndexedRecords(IndexReader reader, IAuditIndex index, IAuditRecords scan) : IAuditRecords
{
    private const int MostOfATrace = 100;
    private const int ReadAtOnce = 1024;

    public string Remark => index.Remark;

    public Task<AuditPage> SearchAsync(AuditQuery query, string? after, int size, CancellationToken cancel)
    {
        var place = LogPlace.Parse(after);
        return LookAsync(() =>
        {
            List<AuditView> found = [];
            foreach (var view in reader.Read(query, place, size + 1))
            {
                cancel.ThrowIfCancellationRequested();
                if (found.Count == size)
                    return new(found, found[^1].Cursor);
                found.Add(view);
            }
            return new AuditPage(found, null);
        }, () => scan.SearchAsync(query, after, size, cancel), cancel);
    }

    public Task<IReadOnlyList<AuditView>> FindAsync(string id, CancellationToken cancel) => LookAsync<IReadOnlyList<AuditView>>(() =>
    {
        var found = id.Length == 0 ? [] : reader.Read(new() { Id = id }, null, MostOfATrace).Take(MostOfATrace).ToList();
        return found.Find(v => v.Entry.RequestId.Equals(id, StringComparison.OrdinalIgnoreCase)) is { } one ? [one] : found;
    }, () => scan.FindAsync(id, cancel), cancel);

    public Task<AuditCount> CountAsync(AuditQuery query, int most, CancellationToken cancel) => LookAsync(() =>
    {
        long count = 0;
        foreach (var _ in reader.Read(query, null, ReadAtOnce))
        {
            cancel.ThrowIfCancellationRequested();
            if (count == most)
                return new(count, true);
            count++;
        }
        return new AuditCount(count, false);
    }, () => scan.CountAsync(query, most, cancel), cancel);

    public Task<AuditNotices> NoticesAsync(string? after, int size, CancellationToken cancel)
    {
        var place = LogPlace.Parse(after);
        return LookAsync(() =>
        {
            var found = reader.Notices(place, size + 1);
            return new AuditNotices([.. found.Take(size).Select(static f => f.Entry)], found.Count > size ? found[size - 1].Place.ToString() : null);
        }, () => scan.NoticesAsync(after, size, cancel), cancel);
    }

    public async IAsyncEnumerable<AuditView> ReadAsync(AuditQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        LogPlace? last = null;
        if (await index.IsCurrentAsync(cancel))
        {
            using var views = reader.Read(query, null, ReadAtOnce).GetEnumerator();
            while (Next(views) is { } more)
            {
                cancel.ThrowIfCancellationRequested();
                if (!more)
                    yield break;
                last = views.Current.Place;
                yield return views.Current;
            }
        }
        await foreach (var view in scan.ReadAsync(query, cancel))
        {
            if (last is null || view.Place < last) // the others came from the index before that broke
                yield return view;
        }
    }

    /// <summary>Whether there is a next one; null if the index can't be used any more.</summary>
    private bool? Next(IEnumerator<AuditView> views)
    {
        try
        {
            return views.MoveNext();
        }
        catch (Exception e) when (e is SqliteException or IndexUnfitException)
        {
            index.Distrust(e);
            return null;
        }
    }

    private async Task<T> LookAsync<T>(Func<T> look, Func<Task<T>> otherwise, CancellationToken cancel)
    {
        if (!await index.IsCurrentAsync(cancel))
            return await otherwise();
        try
        {
            return await Task.Run(look, cancel);
        }
        catch (Exception e) when (e is SqliteException or IndexUnfitException)
        {
            index.Distrust(e);
            return await otherwise();
        }
    }
}

/// <summary>Who knows whether an index can be used: in a gateway the one who keeps it, elsewhere one who only looks.</summary>
internal interface IAuditIndex
{
    /// <summary>One sentence if it can't, with what that means; empty if it can.</summary>
    string Remark { get; }

    /// <summary>True once all that is durable now is in it; false if that would take too long.</summary>
    Task<bool> IsCurrentAsync(CancellationToken cancel);

    /// <summary>It gave an answer that can't be.</summary>
    void Distrust(Exception why);
}
