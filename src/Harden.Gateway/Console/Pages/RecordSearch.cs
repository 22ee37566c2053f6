using Harden.Audit;

namespace Harden.Gateway.Console.Pages;

/// <summary>
/// Looks through the record for a page of the console. Bounded in time and in how many look at once, because it reads the log from its
/// end and the gateway must stay quick for the app's users.
/// </summary>
internal sealed class RecordSearch(AuditReader reader, TimeProvider time)
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ClockSlack = TimeSpan.FromHours(1); // entries are in order of writing; clocks get set back

    private readonly SemaphoreSlim seats = new(2, 2);

    /// <summary>A page of the list.</summary>
    /// <param name="query">What to look for; it must have no problems.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="cancel">The reader has gone away.</param>
    public Task<RecordList> ListAsync(RecordQuery query, int size, CancellationToken cancel) => SeatedAsync(until =>
    {
        List<AuditView> found = [];
        var passed = query.Before.Length == 0;
        long looked = 0;
        var back = default(DateTimeOffset?);
        foreach (var view in reader.Read())
        {
            cancel.ThrowIfCancellationRequested();
            looked++;
            back = view.Time;
            if (view.Time < query.Filter.From - ClockSlack)
                break;
            if (passed && Wanted(view, query))
            {
                if (found.Count == size)
                    return new(found, More: true, looked, OutOfTime: false, back);
                found.Add(view);
            }
            passed = passed || view.Entry.RequestId == query.Before;
            if (looked % 256 == 0 && time.GetTimestamp() > until)
                return new(found, More: false, looked, OutOfTime: true, back);
        }
        return new RecordList(found, More: false, looked, OutOfTime: false, back);
    }, cancel);

    /// <summary>The requests with this request id or trace id, newest first; at most 100.</summary>
    public Task<List<AuditView>> FindAsync(string id, CancellationToken cancel) => SeatedAsync(_ =>
    {
        List<AuditView> found = [];
        foreach (var view in reader.ByTrace(id))
        {
            cancel.ThrowIfCancellationRequested();
            found.Add(view);
            if (view.Entry.RequestId.Equals(id, StringComparison.OrdinalIgnoreCase) || found.Count == 100)
                break;
        }
        return found;
    }, cancel);

    private async Task<T> SeatedAsync<T>(Func<long, T> look, CancellationToken cancel)
    {
        await seats.WaitAsync(cancel);
        try
        {
            var until = time.GetTimestamp() + (long)(Budget.TotalSeconds * time.TimestampFrequency);
            return await Task.Run(() => look(until), cancel);
        }
        finally
        {
            seats.Release();
        }
    }

    private static bool Wanted(AuditView view, RecordQuery query) =>
        query.Filter.Matches(view) && (query.Own || view.Entry.Decision is not { Action: "answer" or "signIn", Reason: "console" or "health" });
}

/// <summary>A page of the list.</summary>
/// <param name="Found">Newest first.</param>
/// <param name="More">There are older ones that match.</param>
/// <param name="Looked">How many requests were looked at.</param>
/// <param name="OutOfTime">The search was given up; older ones may match.</param>
/// <param name="Back">How far back it looked.</param>
internal sealed record RecordList(IReadOnlyList<AuditView> Found, bool More, long Looked, bool OutOfTime, DateTimeOffset? Back);
