using Harden.Audit.Postgres;
using Npgsql;

namespace Harden.Audit.Bodies;

/// <summary>Opens sealed bodies: those of this replica's log from its own files, those of others from PostgreSQL.</summary>
/// <param name="directory">The directory of this replica's log.</param>
/// <param name="own">Reads its bodies.</param>
/// <param name="fleet">Reads those of other logs; null if this is the only one.</param>
internal sealed class FleetBodies(string directory, BodyReader own, PostgresBodies? fleet)
{
    /// <summary>Reads the body of an entry.</summary>
    /// <param name="entry">The entry, or a request joined from its entries.</param>
    /// <param name="side">Which body.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<OpenedBody> OpenAsync(AuditEntry entry, BodySide side, CancellationToken cancel)
    {
        if (fleet is null || LogDirectory.IdIn(directory) == entry.LogId)
            return own.Open(entry, side);
        try
        {
            return await fleet.OpenAsync(entry, side, cancel);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return new(null, BodyFault.Missing, "Another replica recorded it, and PostgreSQL can't be asked now.");
        }
    }
}
