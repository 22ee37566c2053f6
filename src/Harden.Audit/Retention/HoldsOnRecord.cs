namespace Harden.Audit.Retention;

/// <summary>Legal holds as the record itself tells of them, whatever <c>holds.json</c> says: retention that deleted under one shows.</summary>
internal sealed class HoldsOnRecord
{
    private long inForce;
    private DateTimeOffset since;

    /// <summary>Reads the next entry.</summary>
    /// <returns>What is wrong, as a sentence; null if nothing is.</returns>
    public string? Read(AuditEntry entry)
    {
        switch (entry.Notice)
        {
            case { Reason: HoldWatch.Added or HoldWatch.InForce or HoldWatch.Released or HoldWatch.Removed } notice:
                (inForce, since) = (notice.Count, entry.Time);
                return null;
            case { Reason: RetentionPass.Reason } notice when inForce > 0:
                return $"Retention deleted although a legal hold was in force by the record, as of {since.UtcDateTime:yyyy-MM-dd HH:mm:ss}, and no release of it is on record. {notice.Detail}";
            default:
                return null;
        }
    }
}
