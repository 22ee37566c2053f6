using System.Collections.Concurrent;
using System.Text;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class AuditLogTests
{
    [Fact]
    public async Task DurableAppend_IsOnDiskWhenItReturns()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();

        Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "r1", path: "/orders")));

        var entry = scratch.Entries()[^1];
        Assert.Equal(("r1", EntryStage.Intent, 1L, log.BootId), (entry.RequestId, entry.Stage, entry.Seq, entry.BootId));
        Assert.Equal("/orders", entry.Http!.Path);
        Assert.All(scratch.Lines(), static line => Assert.True(EntryFrame.IsWhole(Encoding.ASCII.GetBytes(line))));
    }

    [Fact]
    public async Task ManyAppenders_ShareFlushesAndLoseNothing()
    {
        using var scratch = new ScratchLog();
        long flushes = 0;
        using (var log = scratch.Open(new() { Flushed = (_, _, _) => flushes++ }))
        {
            await Parallel.ForAsync(0, 5000, new ParallelOptions { MaxDegreeOfParallelism = 128 }, async (i, _) =>
            {
                if (i % 3 == 0)
                    await log.AppendLaterAsync(ScratchLog.Draft(log, $"r{i}", "completion"));
                else
                    Assert.True(await log.AppendAsync(ScratchLog.Draft(log, $"r{i}")));
            });
        }

        var entries = scratch.Entries();
        Assert.Equal(5002, entries.Count); // with the boot's first and last
        Assert.Equal(Enumerable.Range(0, 5002).Select(static i => (long)i), entries.Select(static e => e.Seq));
        Assert.Equal(5000, entries.Select(static e => e.RequestId).Where(static id => id.Length > 0).Distinct().Count());
        Assert.True(flushes < 5000, $"{flushes} flushes");
        Assert.Equal((EntryStage.Boot, EntryStage.End), (entries[0].Stage, entries[^1].Stage));
    }

    [Fact]
    public async Task EntryNobodyWaitsFor_IsWrittenSoon()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();

        await log.AppendLaterAsync(ScratchLog.Draft(log, "later", "completion"));

        await ScratchLog.Until(() => scratch.Entries().Exists(static e => e.RequestId == "later"), "the entry on disk");
    }

    [Fact]
    public void SecondWriter_IsRefusedWithASentence()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();

        var refusal = Assert.Throws<AuditLogException>(() => scratch.Open());

        Assert.Contains("another process", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(scratch.Path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DirectoryThatIsAFile_IsRefusedWithASentence()
    {
        var file = Path.GetTempFileName();
        var refusal = Assert.Throws<AuditLogException>(() => AuditLog.Open(file));
        Assert.Contains("can't be opened", refusal.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task LongSegment_IsFollowedByAnother()
    {
        using var scratch = new ScratchLog { Options = new() { SegmentBytes = 20_000, ReserveBytes = 0 } };
        using (var log = scratch.Open())
        {
            for (var i = 0; i < 100; i++)
                await log.AppendAsync(ScratchLog.Draft(log, $"r{i}", padding: 1000));
        }

        Assert.InRange(scratch.Files().Count, 4, 12);
        var entries = scratch.Entries();
        Assert.Equal(Enumerable.Range(0, entries.Count).Select(static i => (long)i), entries.Select(static e => e.Seq));
        Assert.Equal(scratch.Files().Count - 1, entries.Count(static e => e.Stage == EntryStage.Segment));
    }

    [Theory]
    [InlineData("{\"v\":1,\"logId\":\"half an ent")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    [InlineData("{\"v\":1}\n{\"whole line\":\"without a checksum\"}\n")]
    public async Task TornTail_IsMovedAsideAndReported(string torn)
    {
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
            await log.AppendAsync(ScratchLog.Draft(log, "kept"));
        await File.AppendAllTextAsync(scratch.Files()[0], torn);

        ConcurrentQueue<AuditNotice> noticed = [];
        using (scratch.Open(new() { Noticed = noticed.Enqueue }))
        {
        }

        var entries = scratch.Entries(); // throws if anything torn were left
        Assert.Contains(entries, static e => e.RequestId == "kept");
        var notice = Assert.Single(noticed);
        Assert.Equal(("torn-tail", (long)torn.Length), (notice.Reason, notice.Count));
        Assert.Equal(torn, await File.ReadAllTextAsync(Path.Combine(scratch.Path, notice.File)));
        Assert.Equal("torn-tail", entries.Last(static e => e.Stage == EntryStage.Boot).Notice!.Reason);
    }

    [Fact]
    public async Task Files_AreReadableByTheirOwnerOnly()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await log.AppendAsync(ScratchLog.Draft(log, "r"));

        if (!OperatingSystem.IsWindows()) // whose directories hand their protection down
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scratch.Files()[0]));
    }
}
