using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Harden.Audit.Bodies;
using Harden.Audit.Tests.Infrastructure;
using Microsoft.Win32.SafeHandles;

namespace Harden.Audit.Tests;

/// <summary>Faults as the kernel reports them: nothing of the log is replaced.</summary>
public sealed class AuditLogFaultTests : IDisposable
{
    private readonly DirectoryInfo keys = Directory.CreateTempSubdirectory("harden-key-");

    [Theory]
    [InlineData("jsonl")]
    [InlineData("bodies")]
    public async Task FailedSync_IsNeverTriedAgainOnTheSameFile(string extension)
    {
        using var scratch = Scratch(tick: TimeSpan.FromSeconds(5)); // each tick the log looks after its files; it must not come between this fault and the next entry
        using var vault = new BodyVault(BodyKeys.OpenOrCreate(Path.Combine(keys.FullName, "bodies.key")));
        ConcurrentQueue<string> failures = [];
        string before;
        using (var log = scratch.Open(new() { Failed = (reason, detail) => failures.Enqueue($"{reason} {detail}") }))
        {
            before = log.BootId;
            Assert.True(await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "before", new byte[100])));
            Kernel.LetSyncFail(Path.Combine(scratch.Path, "000001-000001." + extension));

            Assert.False(await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "refused", new byte[100])));
            Assert.StartsWith("write-failed The audit log can't be written: fdatasync failed", failures.First(), StringComparison.Ordinal);
            await ScratchLog.Until(() => log.State == LogState.Healthy, "recovery in a new file");
            Assert.True(await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "after", new byte[100])));
            Assert.NotEqual(before, log.BootId);
        }

        var entries = scratch.Entries();
        Assert.Equal(before, entries.Single(static e => e.RequestId == "before").BootId);
        Assert.NotEqual(before, entries.Single(static e => e.RequestId == "after").BootId);
        Assert.DoesNotContain(entries, static e => e.RequestId == "refused");
        Assert.Contains("fdatasync failed", entries.Single(static e => e.Notice?.Reason == "recovered").Notice!.Detail, StringComparison.Ordinal);
        Assert.Empty(Verify(scratch));
    }

    [Fact]
    public async Task HungDisk_AnswersEveryoneAndRecovers()
    {
        using var scratch = Scratch(stall: TimeSpan.FromSeconds(2));
        ConcurrentQueue<string> failures = [];
        using (var log = scratch.Open(new() { Failed = (reason, _) => failures.Enqueue(reason) }))
        {
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "before")));
            using (Kernel.HangOpening(Path.Combine(scratch.Path, "000001.checkpoint.new"), () => failures.Count > 0))
            {
                Assert.Equal("stalled", failures.First());
                Assert.Contains("does not answer", log.Trouble, StringComparison.Ordinal);
                Assert.False(await log.AppendAsync(ScratchLog.Draft(log, "refused")));
                await log.AppendLaterAsync(ScratchLog.Draft(log, "kept", "completion"));
            }
            await ScratchLog.Until(() => log.State == LogState.Healthy, "recovery");
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "after")));
        }

        var ids = scratch.Entries().Select(static e => e.RequestId).ToArray();
        Assert.Contains("kept", ids);
        Assert.Contains("after", ids);
        Assert.DoesNotContain("refused", ids);
        Assert.Empty(Verify(scratch));
    }

    [Fact]
    public async Task DirectoryMadeReadOnly_IsSaidAndTheOpenFileGoesOn()
    {
        using var scratch = Scratch(segmentBytes: 2000);
        ConcurrentQueue<AuditNotice> noticed = [];
        using (var log = scratch.Open(new() { Noticed = noticed.Enqueue }))
        {
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "before")));
            using (new ReadOnlyMount(scratch.Path))
            {
                await ScratchLog.Until(() => noticed.Count > 0, "a notice");
                for (var i = 0; i < 20; i++)
                    Assert.True(await log.AppendAsync(ScratchLog.Draft(log, $"while{i}", padding: 200)));
                Assert.Single(noticed, static n => n.Reason == "checkpoint-failed");
                Assert.Single(scratch.Files());
            }
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "after")));
            await ScratchLog.Until(() => scratch.Files().Count > 1, "the next segment");
        }

        Assert.Empty(Verify(scratch));
        Assert.Equal(22, scratch.Entries().Count(static e => e.RequestId.Length > 0));
    }

    [Fact]
    public async Task ClockSetBack_ChangesNeitherOrderNorProof()
    {
        using var scratch = Scratch();
        using (var log = scratch.Open())
        {
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "first", time: scratch.Clock.GetUtcNow())));
            scratch.Clock.Offset = TimeSpan.FromHours(-1);
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "second", time: scratch.Clock.GetUtcNow())));
        }
        using (var log = scratch.Open())
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "third", time: scratch.Clock.GetUtcNow())));

        Assert.Empty(Verify(scratch));
        Assert.Equal(["third", "second", "first"], new AuditReader(scratch.Path).Read().Select(static v => v.Entry.RequestId));
        var own = scratch.Entries().Where(static e => e.Notice is not null).Select(static e => e.MonoNs).ToArray();
        Assert.Equal(own.Order(), own);
    }

    [Fact]
    public async Task CrashTail_IsSignedForAtTheNextStart()
    {
        using var scratch = Scratch();
        using (var log = scratch.Open())
            await log.AppendAsync(ScratchLog.Draft(log, "signed"));
        var segment = scratch.Files()[0];
        var last = AuditEntry.TryParse(Encoding.ASCII.GetBytes((await File.ReadAllLinesAsync(segment))[^1]))!;
        var late = new byte[1000]; // as if the gateway had gone on and been killed before its next checkpoint
        var length = new EntryFrame(last.LogId, last.BootId).Write(last.Seq + 1, "{\"stage\":\"intent\",\"requestId\":\"late\"}"u8, late);
        await File.AppendAllTextAsync(segment, Encoding.ASCII.GetString(late, 0, length + 1) + "{\"v\":1,\"torn");
        Assert.All(Verify(scratch), static f => Assert.Equal(Verdict.Unverifiable, f.Verdict));

        using (scratch.Open())
            await ScratchLog.Until(() => scratch.Entries().Exists(static e => e.Notice?.Reason == "crash-tail"), "the tail on record");

        Assert.Empty(Verify(scratch, out var found));
        Assert.Equal((1, last.Seq + 1, last.Seq + 1), found.Single());
        await File.WriteAllTextAsync(segment, (await File.ReadAllTextAsync(segment)).Replace("late", "fake", StringComparison.Ordinal));
        Assert.Equal(1, AuditVerifier.ExitCode(Verify(scratch)));
    }

    public void Dispose() => keys.Delete(recursive: true);

    private ScratchLog Scratch(TimeSpan? stall = null, TimeSpan? tick = null, long segmentBytes = 1 << 20) => new()
    {
        Options = new() { Tick = tick ?? TimeSpan.FromMilliseconds(50), ReserveBytes = 0, StallLimit = stall ?? TimeSpan.FromSeconds(30), SegmentBytes = segmentBytes, SigningKey = Path.Combine(keys.FullName, "key.pem") },
    };

    private IReadOnlyList<Finding> Verify(ScratchLog scratch) => Verify(scratch, out _);

    private IReadOnlyList<Finding> Verify(ScratchLog scratch, out List<(int Boot, long From, long To)> found)
    {
        using var key = CheckpointKey.TryOpenPublic(Path.Combine(keys.FullName, "key.pem"));
        var verifier = new AuditVerifier(scratch.Path, key);
        found = verifier.Found;
        return verifier.Run();
    }
}
