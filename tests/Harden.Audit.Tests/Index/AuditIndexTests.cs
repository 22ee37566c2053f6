using Harden.Audit.Index;
using Harden.Audit.Tests.Infrastructure;
using Harden.Audit.Tests.Records;

namespace Harden.Audit.Tests.Index;

public sealed class AuditIndexTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-index-");
    private readonly List<string> noticed = [];

    private string File => IndexFile.PathOf(directory.FullName);

    [Fact]
    public async Task IndexThatIsKept_GoesOnWhereItStopped()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await FillAsync(log, 0, 50);
        using (var first = Start(scratch))
            Assert.Equal(50, await CountAsync(scratch, first));
        await FillAsync(log, 50, 70);

        using var second = Start(scratch);

        Assert.Equal(70, await CountAsync(scratch, second));
        Assert.Empty(noticed);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("torn")]
    [InlineData("gone")]
    [InlineData("version")]
    [InlineData("log")]
    public async Task IndexThatIsOfNoUse_IsMadeAnew(string harm)
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await FillAsync(log, 0, 400);
        using (var first = Start(scratch))
            await CountAsync(scratch, first);
        Harm(harm);

        using var second = Start(scratch);

        await ScratchLog.Until(() => second.Remark.Length == 0, "an index that is up to the log");
        Assert.Equal(400, await CountAsync(scratch, second));
        Assert.Equal(harm is "garbage" or "torn", noticed.Exists(static n => n.Contains("is made anew. The log is not concerned.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task IndexThatBreaksUnderAReader_IsNotTheEndOfTheReading()
    {
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
            await FillAsync(log, 0, 400);
        using (var first = Start(scratch))
            await CountAsync(scratch, first);
        var stored = new StoredIndex(scratch.Path, File);
        Assert.True(await stored.IsCurrentAsync(default));
        var records = new IndexedRecords(new(scratch.Path, File), stored, new ScannedRecords(new(scratch.Path)));
        Harm("torn");

        List<string> read = [];
        await foreach (var view in records.ReadAsync(new(), default))
            read.Add(view.Entry.RequestId);

        Assert.Equal(Enumerable.Range(0, 400).Reverse().Select(RecordedExchange.IdOf), read);
        Assert.False(await stored.IsCurrentAsync(default));
    }

    [Fact]
    public async Task IndexThatIsBehind_IsNotUsedByWhoOnlyLooks()
    {
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
            await FillAsync(log, 0, 10);
        using (var first = Start(scratch))
            await CountAsync(scratch, first);
        Assert.True(await new StoredIndex(scratch.Path, File).IsCurrentAsync(default));
        using (var log = scratch.Open())
            await FillAsync(log, 10, 20);

        Assert.False(await new StoredIndex(scratch.Path, File).IsCurrentAsync(default));
        Assert.False(await new StoredIndex(scratch.Path, File + ".not").IsCurrentAsync(default));
    }

    [Fact]
    public async Task LogThatIsAnotherOne_IsNoticed()
    {
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
            await FillAsync(log, 0, 30);
        using (var first = Start(scratch))
            await CountAsync(scratch, first);
        var file = scratch.Files().Single();
        System.IO.File.WriteAllText(file, System.IO.File.ReadAllText(file).Replace("\"/a7\"", "\"/b7\"", StringComparison.Ordinal).Replace("\"crc\":\"", "\"crc\":\"0", StringComparison.Ordinal));

        using var second = Start(scratch);

        await ScratchLog.Until(() => second.Remark.Length == 0, "an index that is up to the log");
        Assert.Equal(1, await CountAsync(scratch, second, new() { Path = "/b7" }));
        Assert.Single(noticed);
    }

    [Fact]
    public async Task SegmentThatRetentionDeleted_IsGoneFromTheIndex()
    {
        using var scratch = new ScratchLog { Options = new() { SegmentBytes = 4096, Tick = TimeSpan.FromMilliseconds(50), ReserveBytes = 0 } };
        using var log = scratch.Open();
        await new RecordedExchange("spans") { Path = "/spans", Display = "Ada" }.IntentAsync(log);
        await FillAsync(log, 0, 60);
        await new RecordedExchange("spans").CompletionAsync(log);
        using var index = Start(scratch);
        Assert.Equal(61, await CountAsync(scratch, index));

        System.IO.File.Delete(scratch.Files()[0]);

        var left = new AuditReader(scratch.Path).Read().Select(static v => (v.Entry.RequestId, v.State)).ToArray();
        Assert.InRange(left.Length, 2, 59);
        var records = Records(scratch, index);
        var page = await records.SearchAsync(new(), null, 100, default);
        Assert.Equal(left, page.Found.Select(static v => (v.Entry.RequestId, v.State)));
        Assert.Equal("spans", page.Found[^1].Entry.RequestId); // only its end is left
        Assert.Empty((await records.SearchAsync(new() { Text = "spans" }, null, 10, default)).Found);
        Assert.Equal(left.Length, (await records.SearchAsync(new(), "999999.0", 100, default)).Found.Count);
    }

    [Fact]
    public async Task WhatIsNotDurable_IsNotIndexed()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await FillAsync(log, 0, 20);
        var durable = new LogPlace(1, 11); // boot entry and ten requests
        using var index = AuditIndex.Start(new() { Log = scratch.Path, File = File, Durable = () => durable });

        Assert.Equal(10, await CountAsync(scratch, index));
        durable = log.Durable;
        Assert.Equal(20, await CountAsync(scratch, index));
        Assert.Equal(new LogPlace(1, 21), durable);
    }

    [Fact]
    public async Task IndexOnAFullDisk_LeavesTheLogAloneAndComesBack()
    {
        using var disk = new SmallDisk("400k");
        var file = IndexFile.PathOf(disk.Path);
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        using var index = AuditIndex.Start(new() { Log = scratch.Path, File = file, Retry = TimeSpan.FromMilliseconds(50), Pause = TimeSpan.FromMilliseconds(20) });
        await index.IsCurrentAsync(default);
        disk.Fill();

        await FillAsync(log, 0, 500);
        await ScratchLog.Until(() => index.Remark.Contains("can't be written", StringComparison.Ordinal), "a remark on the full disk");
        var records = new IndexedRecords(new(scratch.Path, file), index, new ScannedRecords(new(scratch.Path)));
        Assert.Equal(500, (await records.CountAsync(new(), 1000, default)).Count);

        disk.Free();
        await ScratchLog.Until(() => index.Remark.Length == 0, "an index that is up to the log");
        Assert.Equal(500, (await new IndexedRecords(new(scratch.Path, file), index, new ScannedRecords(new("/nonexistent"))).CountAsync(new(), 1000, default)).Count);
    }

    [Fact]
    public async Task Files_AreTheirOwnersOnly()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        using var index = Start(scratch);
        await CountAsync(scratch, index);

        Assert.All(directory.GetFiles(), static f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, f.UnixFileMode));
    }

    [Fact]
    public async Task ManyRequestsThatStayOpen_AreJoinedOverBatches()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        using var index = Start(scratch);
        for (var i = 0; i < 40; i++)
            await new RecordedExchange(RecordedExchange.IdOf(i)) { Path = $"/a{i}" }.IntentAsync(log);
        Assert.Equal(40, await CountAsync(scratch, index, new() { State = QueryState.Open }));
        for (var i = 0; i < 40; i++)
            await new RecordedExchange(RecordedExchange.IdOf(i)) { Status = 500, Action = "fail" }.CompletionAsync(log);

        Assert.Equal(0, await CountAsync(scratch, index, new() { State = QueryState.Open }));
        Assert.Equal(40, await CountAsync(scratch, index, new() { StatusClass = 5, Action = "fail", Text = "a" }));
    }

    public void Dispose() => directory.Delete(recursive: true);

    private AuditIndex Start(ScratchLog scratch) => AuditIndex.Start(new() { Log = scratch.Path, File = File, Noticed = noticed.Add, Patience = TimeSpan.FromSeconds(60) });

    private IndexedRecords Records(ScratchLog scratch, AuditIndex index) => new(new(scratch.Path, File), index, new ScannedRecords(new("/nonexistent")));

    private async Task<long> CountAsync(ScratchLog scratch, AuditIndex index, AuditQuery? query = null) => (await Records(scratch, index).CountAsync(query ?? new(), 1000, default)).Count;

    private static async Task FillAsync(AuditLog log, int from, int to)
    {
        for (var i = from; i < to; i++)
            await new RecordedExchange(RecordedExchange.IdOf(i)) { Path = $"/a{i}" }.DenialAsync(log);
    }

    private void Harm(string harm)
    {
        switch (harm)
        {
            case "garbage":
                System.IO.File.WriteAllText(File, "This is no database, whatever its name says." + new string('x', 5000));
                break;
            case "torn":
                using (var file = new FileStream(File, FileMode.Open))
                {
                    // The first page stays, so that it opens.
                    file.Position = 4096;
                    file.Write(new byte[file.Length - 4096]);
                }
                break;
            case "gone":
                IndexFile.Delete(File);
                break;
            default:
                using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={File};Pooling=False"))
                {
                    connection.Open();
                    using var command = connection.CreateCommand();
                    command.CommandText = harm == "log" ? "UPDATE about SET log = 'another'" : "PRAGMA user_version = 99";
                    command.ExecuteNonQuery();
                }
                break;
        }
    }
}
