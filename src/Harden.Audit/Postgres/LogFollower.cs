using System.Buffers;
using Harden.Audit.Bodies;
using Microsoft.Win32.SafeHandles;

namespace Harden.Audit.Postgres;

/// <summary>Reads a log forwards from where a reader left off, as far as it is durable.</summary>
/// <param name="directory">The log's directory.</param>
/// <param name="durable">The place of the next entry to become durable, or null where nobody writes; a line that could still be lost is not given away.</param>
internal sealed class LogFollower(string directory, Func<LogPlace>? durable = null)
{
    private const int Most = 4096;
    private const int MostBytes = 8 * 1024 * 1024;

    /// <summary>The next lines and where they end. None if there is nothing more yet, though the position may move on to the next file.</summary>
    /// <param name="since">Where to go on.</param>
    /// <param name="missed">Told of a file that should have been read and is gone.</param>
    public (List<ShippedEntry> Entries, LogPosition Reached) Read(LogPosition since, Action<SegmentFile>? missed = null)
    {
        var limit = durable?.Invoke();
        var segments = SegmentFile.In(directory);
        var at = segments.FindIndex(file => file.CompareTo(since.File) >= 0);
        if (at < 0)
            return ([], since);
        if (segments[at] != since.File)
        {
            if (since.File.Boot > 0)
                missed?.Invoke(since.File);
            since = since with { File = segments[at], Offset = 0 };
        }
        var (entries, reached) = ReadFile(since, limit);
        if (entries.Count > 0 || at + 1 == segments.Count)
            return (entries, reached);
        // A file that has a successor is written no more; what is left of it is no whole line.
        return limit is { } place && segments[at + 1].Boot == since.File.Boot && place.Boot == since.File.Boot && Unfinished(reached)
            ? (entries, reached)
            : (entries, reached with { File = segments[at + 1], Offset = 0 });
    }

    private bool Unfinished(LogPosition reached) => new FileInfo(Path.Combine(directory, reached.File.Name)).Length > reached.Offset;

    private (List<ShippedEntry> Entries, LogPosition Reached) ReadFile(LogPosition since, LogPlace? limit)
    {
        List<ShippedEntry> entries = [];
        using var file = new FileStream(Path.Combine(directory, since.File.Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        file.Position = since.Offset;
        var buffer = ArrayPool<byte>.Shared.Rent(MostBytes);
        SafeFileHandle? bodies = null;
        try
        {
            var length = file.ReadAtLeast(buffer.AsSpan(0, MostBytes), MostBytes, throwOnEndOfStream: false);
            var (at, offset, weight) = (since.At, 0, 0);
            for (int feed; entries.Count < Most && weight < MostBytes && (feed = buffer.AsSpan(offset, length - offset).IndexOf((byte)'\n')) >= 0; offset += feed + 1)
            {
                var line = buffer.AsSpan(offset, feed);
                // What is no entry, or was altered, is for the verifier to name; everything else is passed on.
                if (ShippedEntry.TryRead(line.ToArray(), since.File.Boot, at) is not { } entry)
                    continue;
                if (limit is { } place && !(new LogPlace(since.File.Boot, entry.Entry.Seq) < place))
                    break;
                entry.Bodies.AddRange(BodiesOf(entry.Entry, ref bodies));
                at = entry.At;
                entries.Add(entry);
                weight += entry.Bodies.Sum(static body => body.Frame.Length);
            }
            return (entries, new(since.File, since.Offset + offset, at));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            bodies?.Dispose();
        }
    }

    // A body that is gone is for the verifier to name: its entry is passed on without it.
    private List<(string Place, byte[] Frame)> BodiesOf(AuditEntry entry, ref SafeFileHandle? file)
    {
        List<(string Place, byte[] Frame)> found = [];
        foreach (var body in (AuditBody?[])[entry.Body?.Request, entry.Body?.Response])
        {
            if (body is not { Ref.Length: > 0 } || BodyRef.TryParse(body.Ref) is not { } place)
                continue;
            var path = Path.Combine(directory, place.Segment.BodiesName);
            if (file is null && File.Exists(path))
                file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file is not null && BodyReader.ReadFrame(file, place.Offset) is { } frame && BodyFrame.IsWhole(frame))
                found.Add((body.Ref, frame));
        }
        return found;
    }
}
