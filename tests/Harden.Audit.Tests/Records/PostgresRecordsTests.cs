using Harden.Audit.Postgres;
using Harden.Audit.Tests.Infrastructure;
using Npgsql;

namespace Harden.Audit.Tests.Records;

public sealed class PostgresRecordsTests(PostgresServer server) : AuditRecordsContract, IClassFixture<PostgresServer>, IAsyncLifetime
{
    private NpgsqlDataSource? source;

    public async Task InitializeAsync() => source = await server.CreateAsync();

    public async Task DisposeAsync() => await source!.DisposeAsync();

    private protected override async Task<IAuditRecords> OpenAsync(ScratchLog log)
    {
        await using var shipper = new PostgresShipper(source!, log.Path);
        while (await shipper.ShipAsync(default))
            ;
        return new PostgresRecords(source!);
    }
}
