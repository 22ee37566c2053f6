namespace Harden.Audit.Retention;

/// <summary>What of the log is kept.</summary>
/// <param name="Age">A segment may be deleted when its newest entry is older; null for never.</param>
/// <param name="Bytes">The oldest segments may be deleted while all of them with their bodies take more; 0 for no limit.</param>
internal sealed record RetentionLimits(TimeSpan? Age, long Bytes)
{
    /// <summary>Nothing is deleted.</summary>
    public static RetentionLimits None { get; } = new(null, 0);

    /// <summary>True if anything may be deleted.</summary>
    public bool Any => Age is not null || Bytes > 0;
}
