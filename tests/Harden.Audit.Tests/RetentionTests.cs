using System.Security.Cryptography;
using System.Text;
using Harden.Audit.Retention;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class RetentionTests : RetainedLogTests
{
    [Fact]
    public async Task OldSegments_GoWithTheirBodiesAndLeaveTombstones()
    {
        using var scratch = await RetainedLog();

        Assert.DoesNotContain(Directory.GetFiles(scratch.Path), static f => Path.GetFileName(f).StartsWith("000001-", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(scratch.Path, "000002-000001.bodies")));
        Assert.Equal((0, 0), (Verify(scratch, null).Code, Verify(scratch, Copy).Code));
        Assert.InRange(Verify(scratch, null).Verifier.Deleted, 30, 62);
        var notices = scratch.Entries().Where(static e => e.Notice?.Reason == "retention").ToArray();
        Assert.Equal(["000001.tombstone", "000002.tombstone"], notices.Select(static e => e.Notice!.File));
        Assert.Contains("older than 5 days", notices[0].Notice!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delete the next segment too", 2)]
    [InlineData("delete the last segment", 2)]
    [InlineData("delete all that is left of a boot", 2)]
    [InlineData("delete the tombstone of a whole boot", 2)]
    [InlineData("delete the tombstone of a part", 2)]
    [InlineData("let the tombstone cover one segment more", 1)]
    [InlineData("say that the boot was whole", 1)]
    [InlineData("sign a tombstone with another key", 1)]
    [InlineData("sign a wrong root with the right key", 1)]
    [InlineData("put a tombstone on a boot whose elders are still here", 1)]
    [InlineData("alter an entry after the tombstone", 1)]
    public async Task TombstonesCover_ExactlyWhatRetentionDeleted(string how, int code)
    {
        using var scratch = await RetainedLog();
        var remaining = SegmentFile.In(scratch.Path).FindAll(static s => s.Boot == 2);
        string At(string name) => Path.Combine(scratch.Path, name);
        void Edit(string name, Func<string, string> change) => File.WriteAllText(At(name), change(File.ReadAllText(At(name))));
        var part = Tombstone.TryOpen(File.ReadAllText(At("000002.tombstone")), null)!;
        switch (how)
        {
            case "delete the next segment too":
                File.Delete(At(remaining[0].Name));
                break;
            case "delete the last segment":
                File.Delete(At(remaining[^1].Name));
                break;
            case "delete all that is left of a boot":
                remaining.ForEach(s => File.Delete(At(s.Name)));
                break;
            case "delete the tombstone of a whole boot":
                File.Delete(At("000001.tombstone"));
                break;
            case "delete the tombstone of a part":
                File.Delete(At("000002.tombstone"));
                break;
            case "let the tombstone cover one segment more":
                Edit("000002.tombstone", t => t.Replace($"segments {part.Segments}\n", $"segments {part.Segments + 1}\n", StringComparison.Ordinal));
                File.Delete(At(remaining[0].Name));
                break;
            case "say that the boot was whole":
                Edit("000002.tombstone", static t => t.Replace("whole 0", "whole 1", StringComparison.Ordinal));
                remaining.ForEach(s => File.Delete(At(s.Name)));
                break;
            case "sign a tombstone with another key":
                using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    File.WriteAllText(At("000002.tombstone"), part.Sign(other));
                break;
            case "sign a wrong root with the right key":
                part.Peaks[0] ^= 1;
                File.WriteAllText(At("000002.tombstone"), part.Sign(Key()));
                break;
            case "put a tombstone on a boot whose elders are still here":
                File.Delete(At("000001.tombstone"));
                File.Copy(At(remaining[0].Name), At("000001-000001.jsonl"));
                break;
            default:
                Edit(remaining[0].Name, static t => t.Replace("late0", "lateX", StringComparison.Ordinal));
                break;
        }

        Assert.True(code == Verify(scratch, Copy).Code, string.Join(' ', Verify(scratch, Copy).Findings.Select(static f => f.Text)));
    }

    [Theory]
    [InlineData("alter")]
    [InlineData("cut")]
    public async Task WhatWasTamperedWith_IsNotDeleted(string how)
    {
        using var scratch = Scratch();
        await OldBoot(scratch);
        var lines = await File.ReadAllLinesAsync(scratch.Files()[0]);
        if (how == "alter")
        {
            var frame = new EntryFrame(AuditEntry.TryParse(Encoding.ASCII.GetBytes(lines[3]))!.LogId, AuditEntry.TryParse(Encoding.ASCII.GetBytes(lines[3]))!.BootId);
            var mended = new byte[1000];
            lines[3] = Encoding.ASCII.GetString(mended, 0, frame.Write(3, "{\"stage\":\"intent\",\"requestId\":\"forged\"}"u8, mended)); // a good checksum: only the signature tells
        }
        await File.WriteAllTextAsync(scratch.Files()[0], string.Join('\n', how == "cut" ? lines[..^1] : lines) + "\n");
        Limits = new(TimeSpan.FromDays(5), 0);
        using (var log = scratch.Open())
            await ScratchLog.Until(() => Reasons(scratch).Contains("retention-refused"), "the refusal on record");
        Assert.True(File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")));
        Assert.Equal(how == "cut" ? 2 : 1, Verify(scratch, null).Code);
        Assert.Single(Reasons(scratch), static r => r == "retention-refused");
    }

    [Fact]
    public async Task InterruptedDeletion_IsSaidAndFinishedAtTheNextStart()
    {
        using var scratch = Scratch();
        await OldBoot(scratch);
        var segment = await File.ReadAllBytesAsync(scratch.Files()[0]);
        Limits = new(TimeSpan.FromDays(5), 0);
        using (var log = scratch.Open())
            await ScratchLog.Until(() => !File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")), "the deletion");
        await File.WriteAllBytesAsync(Path.Combine(scratch.Path, "000001-000001.jsonl"), segment); // as if the gateway had been killed before this

        Assert.Equal(3, Verify(scratch, Copy).Code);
        using (var log = scratch.Open())
            await ScratchLog.Until(() => !File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")), "the rest of the deletion");
        Assert.Equal(0, Verify(scratch, Copy).Code);
        Assert.Single(Reasons(scratch), static r => r == "retention");
    }

    [Fact]
    public async Task SizeLimit_DeletesTheOldestOnly()
    {
        using var scratch = Scratch();
        await OldBoot(scratch);
        await OldBoot(scratch);
        var sizes = Directory.GetFiles(scratch.Path, "00000?-*").GroupBy(static f => Path.GetFileName(f)[..13]).OrderBy(static g => g.Key).Select(static g => g.Sum(static f => new FileInfo(f).Length)).ToArray();
        Limits = new(null, sizes.Sum() - 1);
        using (var log = scratch.Open())
            await ScratchLog.Until(() => Reasons(scratch).Contains("retention") && !File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")), "the deletion");
        Assert.Equal((0, 0), (Verify(scratch, null).Code, Verify(scratch, Copy).Code));
        Assert.True(scratch.Files().Count > 1);
    }

    [Fact]
    public async Task OldSegment_IsFollowedByAnother_ButNotWhileNothingHappens()
    {
        using var scratch = new ScratchLog { Options = new() { Tick = TimeSpan.FromMilliseconds(20), SegmentAge = TimeSpan.FromSeconds(2), ReserveBytes = 0 } };
        using (var log = scratch.Open())
        {
            await log.AppendAsync(ScratchLog.Draft(log, "one"));
            await ScratchLog.Until(() => scratch.Files().Count == 2, "a second segment");
            await log.AppendAsync(ScratchLog.Draft(log, "two"));
            await ScratchLog.Until(() => scratch.Files().Count == 3, "a third segment");
            await Task.Delay(TimeSpan.FromSeconds(4.5)); // not a wait for a condition: two more periods in which nothing happens
            Assert.Equal(3, scratch.Files().Count);
        }
        Assert.Equal(0, AuditVerifier.ExitCode(new AuditVerifier(scratch.Path, null).Run()));
    }

    [Fact]
    public async Task WhatIsNotShippedYet_StaysHoweverOld()
    {
        using var scratch = Scratch();
        await OldBoot(scratch);
        var first = SegmentFile.In(scratch.Path);
        ShippedMark.Begin(scratch.Path, ships: true);
        using var log = scratch.Open();
        Limits = new(TimeSpan.FromDays(5), 0);

        ShippedMark.Write(scratch.Path, first[^1]);
        await ScratchLog.Until(() => !File.Exists(Path.Combine(scratch.Path, first[^2].Name)), "the deletion of what was shipped");
        Assert.True(File.Exists(Path.Combine(scratch.Path, first[^1].Name)));
        ShippedMark.Begin(scratch.Path, ships: false);
        await ScratchLog.Until(() => !File.Exists(Path.Combine(scratch.Path, first[^1].Name)), "the deletion of the rest");
    }
}
