using System.Collections.Concurrent;
using Harden.Audit.Retention;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class RetentionHoldTests : RetainedLogTests
{
    [Fact]
    public async Task Hold_StopsDeletionUntilReleased_AndIsOnRecord()
    {
        using var scratch = Scratch();
        await OldBoot(scratch);
        HoldFile.Add(scratch.Path, new() { Name = "case-1", Reason = "subpoena.", By = "alice" }); // while no gateway runs
        Limits = new(TimeSpan.FromDays(5), 0);
        using (var log = scratch.Open())
        {
            await ScratchLog.Until(() => Reasons(scratch).Contains("hold-added"), "the hold on record");
            HoldFile.Add(scratch.Path, new() { Name = "case-2", Reason = "another.", By = "bob" });
            await ScratchLog.Until(() => Reasons(scratch).Count(static r => r == "hold-added") == 2, "the second hold on record");
            HoldFile.Release(scratch.Path, "case-1", new("settled.", "alice"));
            await ScratchLog.Until(() => Reasons(scratch).Contains("hold-released"), "the release on record");
            Assert.True(File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")));
            Assert.Throws<AuditLogException>(() => HoldFile.Add(scratch.Path, new() { Name = "case-2" }));
            Assert.Throws<AuditLogException>(() => HoldFile.Release(scratch.Path, "case-1", new()));

            File.Delete(Path.Combine(scratch.Path, "holds.json"));
            await ScratchLog.Until(() => Reasons(scratch).Contains("hold-removed"), "the removal on record");
            await ScratchLog.Until(() => !File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")), "the deletion");
        }
        Assert.Contains(scratch.Entries(), static e => e.Notice?.Detail.Contains("\"case-1\" was released by alice: settled.", StringComparison.Ordinal) == true);
        Assert.Equal(0, Verify(scratch, Copy).Code);
    }

    [Fact]
    public async Task DeletionUnderAHold_Shows_AlsoIfBothFilesOfHoldsAreEdited()
    {
        using var scratch = Scratch();
        await OldBoot(scratch);
        HoldFile.Add(scratch.Path, new() { Name = "case-1", Reason = "subpoena.", By = "alice" });
        Limits = new(TimeSpan.FromDays(5), 0);
        using (var log = scratch.Open())
            await ScratchLog.Until(() => Reasons(scratch).Contains("hold-added"), "the hold on record");
        using (var log = scratch.Open())
            await ScratchLog.Until(() => Reasons(scratch).Contains("hold-in-force"), "that it is still in force"); // each start says so: the first entries may be deleted one day
        Assert.Equal(0, Verify(scratch, Copy).Code);

        File.Delete(Path.Combine(scratch.Path, "holds.json"));
        File.Delete(Path.Combine(scratch.Path, "holds.recorded"));
        using (var log = scratch.Open())
            await ScratchLog.Until(() => !File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")), "the deletion");

        var (code, _, findings) = Verify(scratch, null);
        Assert.Equal(2, code);
        Assert.StartsWith("Retention deleted although a legal hold was in force by the record", Assert.Single(findings).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HoldPutOnWhileADeletionIsPrepared_StopsIt()
    {
        using var scratch = Scratch();
        await OldBoot(scratch);
        var pass = new RetentionPass(scratch.Path, LogDirectory.IdIn(scratch.Path)!, Key(), () => new(TimeSpan.FromDays(5), 0), new HoldOnTheWay(() =>
        {
            if (HoldFile.Read(scratch.Path).Count == 0)
                HoldFile.Add(scratch.Path, new() { Name = "case-1", Reason = "subpoena.", By = "alice" });
        }), static _ => ValueTask.FromResult(true));
        using (scratch.Open()) // so that the first boot is not the open one
        {
        }

        await pass.RunAsync();

        Assert.True(File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")));
        Assert.False(File.Exists(Path.Combine(scratch.Path, "000001.tombstone")));
        Assert.Single(HoldFile.Read(scratch.Path));
    }

    /// <summary>A clock that is asked while what is due is worked out.</summary>
    private sealed class HoldOnTheWay(Action asked) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            asked();
            return base.GetUtcNow();
        }
    }

    [Theory]
    [InlineData("{ not json")]
    [InlineData("[null]")]
    [InlineData("""[{ "name": null, "reason": "x", "by": "x" }]""")]
    [InlineData("""[{ "name": "x", "reason": null, "by": "x" }]""")]
    [InlineData("""[{ "name": "x", "reason": "x", "by": "x", "released": { "reason": null } }]""")]
    [InlineData("""[{ "name": "x", "reason": "{long}", "by": "x", "released": { "reason": "x", "by": "x" } }]""")]
    public async Task HoldsThatCantBeRead_StopDeletion(string content)
    {
        using var scratch = Scratch();
        await OldBoot(scratch);
        await File.WriteAllTextAsync(Path.Combine(scratch.Path, "holds.json"), content.Replace("{long}", new string('x', 100_000), StringComparison.Ordinal));
        Limits = new(TimeSpan.FromDays(5), 0);
        ConcurrentQueue<AuditNotice> noticed = [];
        using var log = scratch.Open(new() { Noticed = noticed.Enqueue });
        await ScratchLog.Until(() => noticed.Count > 0, "a notice");
        Assert.Equal("upkeep-failed", noticed.First().Reason);
        Assert.True(File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")));
    }
}
