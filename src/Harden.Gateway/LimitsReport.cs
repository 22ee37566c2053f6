namespace Harden.Gateway;

/// <summary>The limits as they stand in this replica, for whoever administers it.</summary>
/// <param name="Store">Where counters are: <c>memory</c> or <c>redis</c>.</param>
/// <param name="Policies">Every policy in force.</param>
internal sealed record LimitsReport(string Store, IReadOnlyList<LimitsReport.Policy> Policies)
{
    /// <summary>One policy.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Kind">What is counted: <c>Rate</c>, <c>Window</c>, <c>Quota</c> or <c>Concurrency</c>.</param>
    /// <param name="By">What each counter belongs to.</param>
    /// <param name="Allows">What it allows, in words.</param>
    /// <param name="ReportOnly">It refuses nothing: what is denied would have been.</param>
    /// <param name="Partitions">Counters kept.</param>
    /// <param name="Accepted">Requests let through, of these counters.</param>
    /// <param name="Denied">Requests refused, of these counters.</param>
    /// <param name="Consumers">The counters of which most is in use.</param>
    /// <param name="Refused">The counters by which most was refused.</param>
    internal sealed record Policy(
        string Name, string Kind, string By, string Allows, bool ReportOnly, int Partitions, long Accepted, long Denied,
        IReadOnlyList<Partition> Consumers, IReadOnlyList<Partition> Refused);

    /// <summary>One counter.</summary>
    /// <param name="Name">Its owner; what a reset is told.</param>
    /// <param name="Used">Permits in use, as far as this replica knows.</param>
    /// <param name="Accepted">Requests let through by this replica since it counts for this owner.</param>
    /// <param name="Denied">Requests refused since.</param>
    internal sealed record Partition(string Name, long Used, long Accepted, long Denied);
}
