using Harden.Audit.Bodies;
using Npgsql;

namespace Harden.Audit.Postgres;

/// <summary>Opens sealed bodies of any replica, as far as they were sealed with a key that is given.</summary>
internal sealed class PostgresBodies(NpgsqlDataSource source, BodyKeys? keys)
{
    /// <summary>Reads the body of an entry.</summary>
    public async Task<OpenedBody> OpenAsync(AuditEntry entry, BodySide side, CancellationToken cancel)
    {
        var body = side == BodySide.Request ? entry.Body?.Request : entry.Body?.Response;
        if (body is not { Ref.Length: > 0 } || BodyRef.TryParse(body.Ref) is not { } place)
            return new(null, BodyFault.NotKept, body is { NotCaptured.Length: > 0 } ? $"The body was not kept: {body.NotCaptured}." : "There is no body.");
        await using var command = source.CreateCommand("select frame from harden.body where log_id = $1 and place = $2 limit 1");
        command.Parameters.Add(new() { Value = entry.LogId });
        command.Parameters.Add(new() { Value = body.Ref });
        return await command.ExecuteScalarAsync(cancel) is byte[] frame
            ? BodyReader.Open(frame, keys, place, body.Hmac, side, entry.RequestId)
            : new(null, BodyFault.Missing, "The body is not in PostgreSQL.");
    }
}
