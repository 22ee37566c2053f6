using Harden.Audit.Bodies;
using Harden.Audit.Postgres;
using Harden.Audit.Tests.Infrastructure;
using Harden.Audit.Tests.Records;
using Npgsql;

namespace Harden.Audit.Tests;

/// <summary>Whatever happens on the way, the database ends up with each line of the log once.</summary>
public sealed class PostgresShipperTests(PostgresServer server) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    private NpgsqlDataSource source = null!;

    public async Task InitializeAsync() => source = await server.CreateAsync();

    public async Task DisposeAsync() => await source.DisposeAsync();

    [Fact]
    public async Task DatabaseKilledWhileShipping_MissesNothingAndRepeatsNothing()
    {
        using var scratch = new ScratchLog { Options = new() { Tick = TimeSpan.FromMilliseconds(50), ReserveBytes = 64 * 1024, SegmentBytes = 64 * 1024 } };
        using var log = scratch.Open();
        await using var shipper = new PostgresShipper(source, scratch.Path);
        using var stop = new CancellationTokenSource();
        var failures = 0;
        var shipping = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    if (!await shipper.ShipAsync(default))
                        await Task.Delay(5);
                }
                catch (Exception e) when (e is NpgsqlException or IOException)
                {
                    failures++;
                    await Task.Delay(20);
                }
            }
        });

        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 400; i++)
                await new RecordedExchange(RecordedExchange.IdOf((round * 400) + i)) { Path = $"/{round}/{i}" }.ForwardAsync(log);
            await server.KillAsync();
            for (var i = 0; i < 100; i++)
                await new RecordedExchange(RecordedExchange.IdOf(10_000 + (round * 100) + i)).ForwardAsync(log);
            await server.StartAsync();
        }
        log.Dispose();
        await stop.CancelAsync();
        await shipping;
        await ShipAllAsync(scratch.Path);

        Assert.True(failures > 0);
        Assert.Equal(scratch.Lines(), await LinesAsync());
        Assert.Equal(new AuditCount(1500, false), await new PostgresRecords(source).CountAsync(new() { State = QueryState.Completed }, 10_000, default));
    }

    [Theory]
    [InlineData(false)] // both were started again after the copy
    [InlineData(true)] // the copy is older than what was shipped
    public async Task CopyOfTheLog_IsRefusedWithWhatToDo_AndTheOtherGoesOn(bool older)
    {
        using var scratch = new ScratchLog();
        using var copy = new ScratchLog();
        await FillAsync(scratch, 5, from: 0);
        Directory.CreateDirectory(copy.Path);
        foreach (var file in Directory.GetFiles(scratch.Path))
            File.Copy(file, Path.Combine(copy.Path, Path.GetFileName(file)), overwrite: true);
        await FillAsync(scratch, 5, from: 100);
        if (older)
            await FillAsync(scratch, 5, from: 200);
        await ShipAllAsync(scratch.Path);
        await FillAsync(copy, 7, from: 300);

        var refused = await Assert.ThrowsAsync<AuditLogException>(() => ShipAllAsync(copy.Path));
        Assert.Contains("Move it away", refused.Message, StringComparison.Ordinal);
        await FillAsync(scratch, 5, from: 400);
        await ShipAllAsync(scratch.Path);
        Assert.Equal(scratch.Lines(), await LinesAsync());
    }

    [Fact]
    public async Task TwoThatShipTheSameLog_LeaveNoGap()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await using var first = new PostgresShipper(source, scratch.Path);
        await using var second = new PostgresShipper(source, scratch.Path);
        await first.ShipAsync(default);
        await second.ShipAsync(default);
        await new RecordedExchange(RecordedExchange.IdOf(1)).ForwardAsync(log);
        await first.ShipAsync(default);
        await new RecordedExchange(RecordedExchange.IdOf(2)).ForwardAsync(log);

        await Assert.ThrowsAsync<AuditLogException>(() => second.ShipAsync(default));
        while (await second.ShipAsync(default))
        {
        }
        Assert.Equal(scratch.Lines(), await LinesAsync());
    }

    private static async Task FillAsync(ScratchLog scratch, int count, int from)
    {
        using var log = scratch.Open();
        for (var i = 0; i < count; i++)
            await new RecordedExchange(RecordedExchange.IdOf(from + i)).ForwardAsync(log);
    }

    [Fact]
    public async Task ForgottenPosition_ShipsEverythingAgainAndKeepsItOnce()
    {
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
        {
            for (var i = 0; i < 50; i++)
                await new RecordedExchange(RecordedExchange.IdOf(i)).ForwardAsync(log);
        }
        await ShipAllAsync(scratch.Path);
        await using (var forget = source.CreateCommand("delete from harden.log"))
            await forget.ExecuteNonQueryAsync();

        await ShipAllAsync(scratch.Path);

        Assert.Equal(scratch.Lines(), await LinesAsync());
        Assert.Equal(50, (await new PostgresRecords(source).CountAsync(new(), 1000, default)).Count);
    }

    [Fact]
    public async Task SeveralReplicas_AreOneRecordInOrderOfTime()
    {
        using var one = new ScratchLog();
        using var two = new ScratchLog();
        using (var log = one.Open())
        using (var other = two.Open())
        {
            for (var i = 0; i < 20; i++)
                await new RecordedExchange(RecordedExchange.IdOf(i)) { Path = $"/{i}", Time = DateTimeOffset.UtcNow.AddMinutes(i) }.ForwardAsync(i % 2 == 0 ? log : other);
        }
        await Task.WhenAll(ShipAllAsync(one.Path), ShipAllAsync(two.Path));

        List<string> paths = [];
        string? cursor = null;
        do
        {
            var page = await new PostgresRecords(source).SearchAsync(new(), cursor, 3, default);
            paths.AddRange(page.Found.Select(static view => view.Entry.Http!.Path));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 20).Reverse().Select(static i => $"/{i}"), paths);
    }

    [Fact]
    public async Task LineThatIsNotDurableYet_Waits()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await new RecordedExchange("a").IntentAsync(log);
        await new RecordedExchange("b").IntentAsync(log);
        var durable = new LogPlace(1, 2); // the boot's own entry and the first intent
        await using var shipper = new PostgresShipper(source, scratch.Path, () => durable);

        while (await shipper.ShipAsync(default))
            ;
        var before = await LinesAsync();
        durable = new(1, 3);
        while (await shipper.ShipAsync(default))
            ;

        Assert.Equal(scratch.Lines()[..2], before);
        Assert.Equal(scratch.Lines(), await LinesAsync());
    }

    [Fact]
    public async Task SegmentDeletedBeforeItsTime_IsTold_AndTheRestStillComes()
    {
        using var scratch = new ScratchLog { Options = new() { Tick = TimeSpan.FromMilliseconds(50), ReserveBytes = 64 * 1024, SegmentBytes = 16 * 1024 } };
        using (var log = scratch.Open())
        {
            await new RecordedExchange("first").ForwardAsync(log);
            await ShipAllAsync(scratch.Path);
            for (var i = 0; i < 200; i++)
                await new RecordedExchange(RecordedExchange.IdOf(i)).ForwardAsync(log);
        }
        var files = scratch.Files();
        Assert.True(files.Count > 3);
        File.Delete(files[0]);
        File.Delete(files[1]);
        List<SegmentFile> missed = [];
        await using var shipper = new PostgresShipper(source, scratch.Path, observer: new() { Missed = missed.Add });

        while (await shipper.ShipAsync(default))
            ;

        Assert.Equal([new SegmentFile(1, 1)], missed);
        Assert.Equal(scratch.Lines()[^1], (await LinesAsync())[^1]);
        Assert.Equal(Path.GetFileName(files[^1]), ShippedMark.Read(scratch.Path)?.Name);
    }

    [Fact]
    public async Task SealedBodies_AreShippedWithTheirEntries()
    {
        var keys = Directory.CreateTempSubdirectory("harden-audit-key-");
        using var vault = new BodyVault(BodyKeys.OpenOrCreate(Path.Combine(keys.FullName, "bodies.key")));
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
            await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "r1", "asked", "answered"));
        await ShipAllAsync(scratch.Path);
        var entry = scratch.Entries().Single(static e => e.RequestId == "r1");

        var bodies = new PostgresBodies(source, vault.Keys);

        Assert.Equal("asked"u8.ToArray(), (await bodies.OpenAsync(entry, BodySide.Request, default)).Bytes);
        Assert.Equal("answered"u8.ToArray(), (await bodies.OpenAsync(entry, BodySide.Response, default)).Bytes);
        Assert.Equal(BodyFault.Altered, (await bodies.OpenAsync(entry with { RequestId = "r2" }, BodySide.Request, default)).Fault);
        Assert.Equal(BodyFault.Missing, (await bodies.OpenAsync(entry with { LogId = "other" }, BodySide.Request, default)).Fault);
        keys.Delete(recursive: true);
    }

    [Fact]
    public async Task Checkpoints_AreKept_AndANewerDatabaseIsLeftAlone()
    {
        var keys = Directory.CreateTempSubdirectory("harden-audit-key-");
        using var scratch = new ScratchLog { Options = new() { Tick = TimeSpan.FromMilliseconds(50), ReserveBytes = 64 * 1024, SigningKey = Path.Combine(keys.FullName, "key.pem") } };
        using (var log = scratch.Open())
            await new RecordedExchange("a").ForwardAsync(log);
        await ShipAllAsync(scratch.Path);

        await using (var command = source.CreateCommand("select note from harden.checkpoint order by size desc limit 1"))
            Assert.Equal(await File.ReadAllTextAsync(Path.Combine(scratch.Path, Checkpoint.FileName(1))), await command.ExecuteScalarAsync());
        await using (var command = source.CreateCommand("insert into harden.migration (version) values (1000)"))
            await command.ExecuteNonQueryAsync();
        Assert.Contains("version 1000", (await Assert.ThrowsAsync<AuditLogException>(() => ShipAllAsync(scratch.Path))).Message, StringComparison.Ordinal);
        keys.Delete(recursive: true);
    }

    private async Task ShipAllAsync(string directory)
    {
        await using var shipper = new PostgresShipper(source, directory);
        while (await shipper.ShipAsync(default))
            ;
    }

    private async Task<List<string>> LinesAsync()
    {
        await using var command = source.CreateCommand("select line from harden.entry order by log_id, boot, seq");
        await using var reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return lines;
    }
}
