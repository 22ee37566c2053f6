namespace Harden.Audit.Postgres;

/// <summary>How far a log has been read: everything before this place.</summary>
/// <param name="File">The segment.</param>
/// <param name="Offset">Bytes of it.</param>
/// <param name="At">The latest time of any entry so far.</param>
internal readonly record struct LogPosition(SegmentFile File, long Offset, DateTimeOffset At)
{
    /// <summary>Nothing has been read.</summary>
    public static LogPosition Start { get; } = new(new(0, 0), 0, DateTimeOffset.UnixEpoch);
}
