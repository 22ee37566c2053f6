using System.Collections.Concurrent;
using Harden.Audit.Bodies;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class AuditLogTroubleTests
{
    [Fact]
    public async Task FullDisk_RefusesIntentsKeepsClosingWordsAndRecovers()
    {
        using var disk = new SmallDisk("2m");
        using var scratch = new ScratchLog(disk.Path);
        ConcurrentQueue<string> failures = [];
        using (var log = scratch.Open(new() { Failed = (reason, _) => failures.Enqueue(reason) }))
        {
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "before")));
            disk.Fill();

            var refused = 0;
            while (await log.AppendAsync(ScratchLog.Draft(log, $"filling{refused}", padding: 3000)))
                refused++;
            Assert.Contains("full", log.Trouble, StringComparison.Ordinal);
            Assert.Equal("disk-full", failures.First());

            await log.AppendLaterAsync(ScratchLog.Draft(log, "before", "completion"));
            await ScratchLog.Until(() => scratch.Entries().Exists(static e => e.Stage == EntryStage.Completion), "closing words while the disk is full");
            Assert.False(await log.AppendAsync(ScratchLog.Draft(log, "refused")));

            disk.Free();
            await ScratchLog.Until(() => log.State == LogState.Healthy, "recovery");
            Assert.Equal("", log.Trouble);
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "after")));
        }

        var entries = scratch.Entries();
        Assert.Contains(entries, static e => e.RequestId == "after");
        Assert.DoesNotContain(entries, static e => e.RequestId == "refused");
        Assert.Contains(entries, static e => e.Notice?.Reason == "recovered");
        Assert.Equal(Enumerable.Range(0, entries.Count).Select(static i => (long)i), entries.Select(static e => e.Seq));
    }

    [Fact]
    public async Task DiskFullForLong_CompletionsAreKeptInMemoryAndExcessIsCounted()
    {
        using var disk = new SmallDisk("1m");
        using var scratch = new ScratchLog(disk.Path) { Options = new() { Tick = TimeSpan.FromMilliseconds(50), ReserveBytes = 8192, QueueLength = 100 } };
        var lost = 0;
        using (var log = scratch.Open(new() { Lost = () => Interlocked.Increment(ref lost) }))
        {
            disk.Fill();
            while (await log.AppendAsync(ScratchLog.Draft(log, "filling", padding: 3000)))
            {
            }
            for (var i = 0; i < 400; i++)
                await log.AppendLaterAsync(ScratchLog.Draft(log, $"c{i}", "completion", padding: 1000));
            await ScratchLog.Until(() => lost > 0, "a counted loss");
            disk.Free();
            await ScratchLog.Until(() => log.State == LogState.Healthy, "recovery");
        }

        var entries = scratch.Entries();
        var kept = entries.Count(static e => e.Stage == EntryStage.Completion);
        var told = entries.Where(static e => e.Notice?.Reason == "lost").Sum(static e => e.Notice!.Count)
            + entries.Where(static e => e.Stage == EntryStage.End).Sum(static e => e.Notice!.Count);
        Assert.Equal(400, kept + told);
        Assert.Equal(lost, told);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("replace")]
    [InlineData("move")]
    [InlineData("directory")]
    public async Task SegmentTakenAway_IsNoticedAndRestored(string how)
    {
        using var scratch = new ScratchLog();
        ConcurrentQueue<AuditNotice> noticed = [];
        using (var log = scratch.Open(new() { Noticed = noticed.Enqueue }))
        {
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "evidence")));
            var file = scratch.Files()[0];
            switch (how)
            {
                case "delete":
                    File.Delete(file);
                    break;
                case "replace":
                    File.WriteAllText(file + ".new", "nothing happened\n");
                    File.Move(file + ".new", file, overwrite: true);
                    break;
                case "move":
                    File.Move(file, file + ".gone");
                    break;
                default:
                    Directory.Delete(scratch.Path, recursive: true);
                    break;
            }
            await ScratchLog.Until(() => noticed.Count > 0, "a notice");
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "after")));
        }

        var ids = scratch.Entries().Select(static e => e.RequestId).ToArray();
        Assert.Contains("evidence", ids);
        Assert.Contains("after", ids);
        Assert.Equal("segment-restored", noticed.First().Reason);
        if (how == "replace")
            Assert.Equal("nothing happened\n", await File.ReadAllTextAsync(Directory.GetFiles(scratch.Path, "*.replaced-*").Single()));
    }

    [Fact]
    public async Task SegmentCutShort_IsNoticedAndANewBootBegins()
    {
        using var scratch = new ScratchLog();
        ConcurrentQueue<AuditNotice> noticed = [];
        using var log = scratch.Open(new() { Noticed = noticed.Enqueue });
        Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "evidence")));
        var boot = log.BootId;

        using (var file = new FileStream(scratch.Files()[0], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(10);

        await ScratchLog.Until(() => noticed.Count > 0, "a notice");
        Assert.Equal("segment-cut", noticed.First().Reason);
        Assert.NotEqual(boot, log.BootId);
        Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "after")));
    }

    [Theory]
    [InlineData("*.jsonl")]
    [InlineData("*.bodies")]
    public async Task FileCutShortUnderLoad_IsNoticedBeforeMoreIsWrittenBehindTheHole(string which)
    {
        using var scratch = new ScratchLog();
        var keys = Directory.CreateTempSubdirectory("harden-key-");
        using var vault = new BodyVault(BodyKeys.OpenOrCreate(Path.Combine(keys.FullName, "bodies.key")));
        ConcurrentQueue<AuditNotice> noticed = [];
        using var log = scratch.Open(new() { Noticed = noticed.Enqueue });
        Assert.True(await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "evidence", "a body", null)));
        var boot = log.BootId;

        var path = Directory.GetFiles(scratch.Path, which).Single();
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(10);
        Assert.True(await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "after", "another", null))); // at once: no tick comes between

        Assert.Equal("segment-cut", Assert.Single(noticed).Reason);
        Assert.NotEqual(boot, log.BootId);
        Assert.Equal(10, new FileInfo(path).Length);
        Assert.Contains("\"after\"", await File.ReadAllTextAsync(scratch.Files()[^1]), StringComparison.Ordinal);
        keys.Delete(recursive: true);
    }

    [Fact]
    public async Task LockFileDeleted_StillRefusesASecondWriter()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        File.Delete(Path.Combine(scratch.Path, "writer.lock"));
        await ScratchLog.Until(() => File.Exists(Path.Combine(scratch.Path, "writer.lock")), "the lock taken again");

        Assert.Throws<AuditLogException>(() => scratch.Open());
    }
}
