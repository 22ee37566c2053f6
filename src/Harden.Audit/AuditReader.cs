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
    /// <summary>Requests that match, newest first.</summary>
    public IEnumerable<AuditView> Read(AuditFilter? filter = null)
    {
        filter ??= new();
        // An id is found without parsing the lines of every other request.
        var needle = filter.Id.Length > 0 ? Encoding.ASCII.GetBytes(filter.Id.ToLowerInvariant()) : null;
        var live = liveBoot?.Invoke() ?? WriterLock.LiveBoot(directory);
        Dictionary<string, AuditEntry> ends = []; // later entries whose intent is still to come, going backwards
        foreach (var entry in Entries(needle))
        {
            if (entry.RequestId.Length == 0)
                continue;
            if (entry.Stage is EntryStage.Completion or EntryStage.Progress)
            {
                ends.TryAdd(entry.RequestId, entry);
                continue;
            }
            ends.Remove(entry.RequestId, out var last);
            var view = AuditView.Join(entry, last, entry.BootId == live);
            if (filter.Matches(view))
                yield return view;
        }
        // Their intents are in segments that retention has deleted.
        foreach (var end in ends.Values.OrderByDescending(static e => e.Time))
        {
            var view = AuditView.Join(end, null, end.BootId == live);
            if (filter.Matches(view))
                yield return view;
        }
    }

    /// <summary>The request with this request id or trace id (the newest, if a trace has several); null if there is none.</summary>
    public AuditView? Find(string id) => Read(new() { Id = id }).FirstOrDefault();

    /// <summary>Every request of a trace, newest first.</summary>
    public IEnumerable<AuditView> ByTrace(string traceId) => Read(new() { Id = traceId });

    /// <summary>What the log says of itself: boots, gaps, torn tails, newest first.</summary>
    public IEnumerable<AuditEntry> Notices() => Entries("\"notice\""u8.ToArray()).Where(static e => e.Notice is not null);

    /// <summary>Every entry, newest first; lines that are not entries are left to the verifier.</summary>
    /// <param name="needle">Bytes a line must contain to be looked at, or null.</param>
    private IEnumerable<AuditEntry> Entries(byte[]? needle)
    {
        var segments = SegmentFile.In(directory);
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            foreach (var line in BackwardLines.Read(Path.Combine(directory, segments[i].Name)))
            {
                if (needle is not null && line.Span.IndexOf(needle) < 0)
                    continue;
                if (AuditEntry.TryParse(line.Span) is { } entry)
                    yield return entry;
            }
        }
    }
}
