using System.Text;

namespace Harden.Audit;

/// <summary>
/// Reads the log, newest request first and lazily: what is not enumerated is not read. Works on the files alone, so it serves the
/// console while the gateway writes and a reviewer's laptop that holds a copy.
/// </summary>
/// <param name="directory">The log's directory.</param>
/// <param name="liveBoot">The boot that is still writing, if the caller knows; else found by the writer's lock.</param>
internal sealed class AuditReader(string directory, Func<string?>? liveBoot = null)
{
    private long passed;

    /// <summary>Bytes that have been read so far, for who shows how far it is. For any thread.</summary>
    public long Passed => Volatile.Read(ref passed);

    /// <summary>Bytes there are.</summary>
    public long Length => SegmentFile.In(directory).Sum(s => new FileInfo(Path.Combine(directory, s.Name)).Length);

    private static readonly TimeSpan ClockSlack = TimeSpan.FromHours(1); // entries are in order of writing; clocks get set back

    /// <summary>Requests that match, newest first.</summary>
    public IEnumerable<AuditView> Read(AuditQuery? query = null)
    {
        query ??= new();
        return Walk(query).Where(query.Matches);
    }

    /// <summary>
    /// Requests, newest first, of which some can't be told from the query's id and beginning not to match: for who wants to be asked between two that don't.
    /// </summary>
    public IEnumerable<AuditView> Walk(AuditQuery query)
    {
        // An id is found without parsing the lines of every other request.
        var needle = query.Id.Length > 0 ? Encoding.ASCII.GetBytes(query.Id.ToLowerInvariant()) : null;
        var live = liveBoot?.Invoke() ?? WriterLock.LiveBoot(directory);
        Dictionary<string, (LogPlace Place, AuditEntry Entry)> ends = []; // later entries whose intent is still to come, going backwards
        foreach (var (place, entry) in Entries(needle))
        {
            if (entry.RequestId.Length == 0)
                continue;
            if (entry.Stage is EntryStage.Completion or EntryStage.Progress)
            {
                ends.TryAdd(entry.RequestId, (place, entry));
                continue;
            }
            ends.Remove(entry.RequestId, out var last);
            if (query.From - entry.Time > ClockSlack)
                yield break;
            yield return AuditView.Join(entry, last.Entry, entry.BootId == live) with { Place = place };
        }
        foreach (var (place, end) in ends.Values.OrderByDescending(static e => e.Place))
            yield return AuditView.Join(end, null, end.BootId == live) with { Place = place.WithoutIntent() };
    }

    /// <summary>The request with this request id or trace id (the newest, if a trace has several); null if there is none.</summary>
    public AuditView? Find(string id) => Read(new() { Id = id }).FirstOrDefault();

    /// <summary>Every request of a trace, newest first.</summary>
    public IEnumerable<AuditView> ByTrace(string traceId) => Read(new() { Id = traceId });

    /// <summary>What the log says of itself: boots, gaps, torn tails, newest first.</summary>
    public IEnumerable<(LogPlace Place, AuditEntry Entry)> Notices() => Entries("\"notice\""u8.ToArray()).Where(static e => e.Entry.Notice is not null);

    /// <summary>Every entry, newest first; lines that are not entries are left to the verifier.</summary>
    /// <param name="needle">Bytes a line must contain to be looked at, or null.</param>
    private IEnumerable<(LogPlace Place, AuditEntry Entry)> Entries(byte[]? needle)
    {
        var segments = SegmentFile.In(directory);
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            foreach (var line in BackwardLines.Read(Path.Combine(directory, segments[i].Name)))
            {
                Volatile.Write(ref passed, passed + line.Length + 1);
                if (needle is not null && line.Span.IndexOf(needle) < 0)
                    continue;
                if (AuditEntry.TryParse(line.Span) is { } entry)
                    yield return (new(segments[i].Boot, entry.Seq), entry);
            }
        }
    }
}
