using System.Text;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class AuditVerifierTests : IDisposable
{
    private readonly DirectoryInfo keys = Directory.CreateTempSubdirectory("harden-key-");

    private string Copy => Path.Combine(keys.FullName, "copy");

    [Fact]
    public async Task UntouchedLog_IsIntact()
    {
        using var scratch = await LogOf(boots: 3, entries: 100);

        Assert.Equal((0, 306L), Verify(scratch, out _));
        Assert.Equal((0, 306L), Verify(scratch, out _, Copy));
    }

    [Fact]
    public async Task NewestBootTakenAwayAsAWhole_IsMissed_AlsoWithoutASecondPlace()
    {
        using var scratch = await LogOf(boots: 3, entries: 5);
        foreach (var file in Directory.GetFiles(scratch.Path, "000003*"))
            File.Delete(file);

        Assert.Equal(2, Verify(scratch, out var findings).Code);
        Assert.StartsWith("The newest boot here is 2, but the last that was written is another one", Assert.Single(findings).Text, StringComparison.Ordinal);
        File.Delete(Path.Combine(scratch.Path, "writer.boot")); // who knows of it leaves nothing behind, but in the second place
        Assert.Equal(0, Verify(scratch, out _).Code);
        Assert.Equal(2, Verify(scratch, out findings, Copy).Code);
        Assert.Contains("boot 3 with 7 entries", Assert.Single(findings).Text, StringComparison.Ordinal); // the most that was signed for
    }

    [Fact]
    public async Task SecondPlaceThatWasEmptied_ProvesNothing()
    {
        using var scratch = await LogOf(boots: 1, entries: 5);
        await File.WriteAllTextAsync(Copy, "");

        Assert.Equal(3, Verify(scratch, out var findings, Copy).Code);
        Assert.Equal("There is no checkpoint in this file: it proves nothing.", Assert.Single(findings).Text);
    }

    [Fact]
    public async Task LogBeingWritten_IsIntact()
    {
        using var scratch = Scratch();
        using var log = scratch.Open();
        for (var i = 0; i < 50; i++)
            await log.AppendAsync(ScratchLog.Draft(log, $"r{i}"));

        Assert.Equal(0, Verify(scratch, out _).Code);
    }

    [Theory]
    [InlineData("flip a bit", 1, 2, 41)]
    [InlineData("alter an entry and mend its checksum", 1, 2, 41)]
    [InlineData("alter an entry, its checksum and the leaf file", 1, 2, null)]
    [InlineData("delete an entry", 2, 2, 41)]
    [InlineData("swap two entries", 2, 2, 41)]
    [InlineData("insert a copy of an entry", 1, 2, 42)]
    [InlineData("delete the last entry", 2, 3, 101)]
    [InlineData("delete a boot in the middle", 2, null, null)]
    [InlineData("delete the last boot's segments", 2, null, null)]
    [InlineData("delete a whole boot with its checkpoint", 2, null, null)]
    [InlineData("delete everything", 2, null, null)]
    [InlineData("delete a checkpoint", 2, null, null)]
    [InlineData("delete the last boot's checkpoint", 3, null, null)]
    [InlineData("forge a checkpoint", 1, null, null)]
    public async Task Tampering_IsFoundAndNamed(string how, int code, int? boot, int? entry)
    {
        using var scratch = await LogOf(boots: 3, entries: 100);
        Tamper(scratch.Path, how);

        var (found, _) = Verify(scratch, out var findings, Copy);

        Assert.True(code == found, $"exit code {found}: {string.Join(' ', findings.Select(static f => f.Text))}");
        if (boot is not null)
            Assert.Contains(findings, f => f.File.StartsWith($"{boot:D6}-", StringComparison.Ordinal) && (entry is null || f.Entry == entry));
    }

    [Theory]
    [InlineData("take its checkpoint away", 2)]
    [InlineData("put an older checkpoint in its place", 2)]
    [InlineData("alter an entry, take its checkpoint away", 1)]
    public async Task EndOfAnEarlierBoot_IsVouchedForByTheNextOne_WithoutASecondPlace(string how, int code)
    {
        using var scratch = Scratch();
        var (older, lines) = ("", "");
        using (var log = scratch.Open())
        {
            await log.AppendAsync(ScratchLog.Draft(log, "r1"));
            await ScratchLog.Until(() => (older = File.ReadAllText(Path.Combine(scratch.Path, "000001.checkpoint"))).Contains("\n2\n", StringComparison.Ordinal), "a checkpoint of two entries");
            lines = await File.ReadAllTextAsync(Path.Combine(scratch.Path, "000001-000001.jsonl"));
            await log.AppendAsync(ScratchLog.Draft(log, "what somebody did"));
        }
        using (scratch.Open())
        {
        }
        Assert.Equal(0, Verify(scratch, out _).Code);

        var (segment, checkpoint) = (Path.Combine(scratch.Path, "000001-000001.jsonl"), Path.Combine(scratch.Path, "000001.checkpoint"));
        if (how.StartsWith("alter", StringComparison.Ordinal))
            await File.WriteAllTextAsync(segment, string.Join('\n', (await File.ReadAllLinesAsync(segment)).Select(static l => l.Contains("somebody", StringComparison.Ordinal) ? Mend(l.Replace("somebody", "nobody", StringComparison.Ordinal)) : l)) + "\n");
        else
            await File.WriteAllTextAsync(segment, lines);
        File.Delete(checkpoint);
        if (how.StartsWith("put", StringComparison.Ordinal))
            await File.WriteAllTextAsync(checkpoint, older);

        Assert.Equal(code, Verify(scratch, out var findings).Code);
        Assert.Contains(findings, f => (int)f.Verdict == code && f.File == (code == 1 ? "000001-000001.jsonl" : f.File));
    }

    [Fact]
    public async Task CopyOfCheckpointsThatWasTorn_IsNoSignOfTampering()
    {
        using var scratch = await LogOf(boots: 2, entries: 10);
        var copy = await File.ReadAllTextAsync(Copy);

        await File.WriteAllTextAsync(Copy, copy[..^30] + copy); // a disk that was full, and went on

        Assert.Equal(3, Verify(scratch, out var findings, Copy).Code);
        Assert.Equal("One checkpoint in this file is torn, as a full disk or a crash leaves it: it proves nothing.", Assert.Single(findings).Text);
        File.Delete(Path.Combine(scratch.Path, "000002-000001.jsonl"));
        Assert.Equal(2, Verify(scratch, out _, Copy).Code);
    }

    [Fact]
    public async Task SecondPlaceThatHangs_HoldsUpNothing_AndIsSaidOnce()
    {
        if (OperatingSystem.IsWindows())
            return;
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", [Copy])) // nobody reads it: opening it hangs, as a share does whose server is gone
            await pipe.WaitForExitAsync();
        using var scratch = Scratch(stall: TimeSpan.FromMilliseconds(300));
        List<AuditNotice> noticed = [];
        var failed = 0;
        using (var log = scratch.Open(new() { Noticed = noticed.Add, Failed = (_, _) => failed++ }))
        {
            await ScratchLog.Until(() => noticed.Count > 0, "a notice");
            for (var i = 0; i < 20; i++)
                Assert.True(await log.AppendAsync(ScratchLog.Draft(log, $"r{i}")));
            await ScratchLog.Until(() => File.ReadAllText(Path.Combine(scratch.Path, "000001.checkpoint")).Contains("\n21\n", StringComparison.Ordinal), "a checkpoint");
        }
        Assert.Equal(("checkpoint-copy-failed", $"Checkpoints can't be kept in the second place: {Copy} does not answer. The latest one is handed over as soon as they can."), (noticed[0].Reason, noticed[0].Detail));
        Assert.Single(noticed);
        Assert.Equal(0, failed);
        Assert.Equal(0, Verify(scratch, out _).Code);
        using var reader = System.Diagnostics.Process.Start("timeout", ["1", "cat", Copy]); // lets go of who waits
        await reader.WaitForExitAsync();
    }

    [Fact]
    public async Task CrashedBoot_EndsUnverifiable()
    {
        using var scratch = await LogOf(boots: 1, entries: 100);
        var segment = scratch.Files()[0];
        var lines = await File.ReadAllLinesAsync(segment);
        var frame = new EntryFrame(AuditEntry.TryParse(Encoding.ASCII.GetBytes(lines[0]))!.LogId, AuditEntry.TryParse(Encoding.ASCII.GetBytes(lines[0]))!.BootId);
        var late = new byte[1000];
        var length = frame.Write(lines.Length, "{\"stage\":\"intent\"}"u8, late);
        await File.AppendAllTextAsync(segment, Encoding.ASCII.GetString(late, 0, length + 1) + "{\"v\":1,\"torn");

        Assert.Equal(3, Verify(scratch, out _).Code);
    }

    public void Dispose() => keys.Delete(recursive: true);

    private static void Tamper(string directory, string how)
    {
        string At(string name) => Path.Combine(directory, name);
        var second = At("000002-000001.jsonl");
        var lines = File.ReadAllLines(second).ToList();
        switch (how)
        {
            case "flip a bit":
                lines[41] = lines[41].Replace("r40", "r49", StringComparison.Ordinal);
                break;
            case "alter an entry and mend its checksum":
            case "alter an entry, its checksum and the leaf file":
                lines[41] = Mend(lines[41].Replace("r40", "r49", StringComparison.Ordinal));
                if (how.EndsWith("leaf file", StringComparison.Ordinal))
                {
                    using var leaves = new FileStream(At("000002.leaves"), FileMode.Open) { Position = 41 * 32 };
                    leaves.Write(MerkleFrontier.LeafHash(Encoding.ASCII.GetBytes(lines[41])));
                }
                break;
            case "delete an entry":
                lines.RemoveAt(41);
                break;
            case "swap two entries":
                (lines[41], lines[42]) = (lines[42], lines[41]);
                break;
            case "insert a copy of an entry":
                lines.Insert(42, lines[41]);
                break;
            case "delete the last entry":
                var third = At("000003-000001.jsonl");
                File.WriteAllLines(third, File.ReadAllLines(third)[..^1]);
                break;
            case "delete a boot in the middle":
                File.Delete(second);
                return;
            case "delete the last boot's segments":
                File.Delete(At("000003-000001.jsonl"));
                break;
            case "delete a whole boot with its checkpoint":
                File.Delete(At("000003-000001.jsonl"));
                File.Delete(At("000003.checkpoint"));
                break;
            case "delete everything":
                Array.ForEach(Directory.GetFiles(directory), File.Delete);
                return;
            case "delete the last boot's checkpoint":
                File.Delete(At("000003.checkpoint"));
                break;
            case "delete a checkpoint":
                File.Delete(At("000002.checkpoint"));
                break;
            default:
                File.WriteAllText(At("000002.checkpoint"), File.ReadAllText(At("000002.checkpoint")).Replace("\n102\n", "\n101\n", StringComparison.Ordinal));
                break;
        }
        File.WriteAllText(second, string.Join('\n', lines) + "\n");
    }

    private static string Mend(string line)
    {
        var entry = AuditEntry.TryParse(Encoding.ASCII.GetBytes(line))!;
        var start = line.IndexOf("\"stage\"", StringComparison.Ordinal);
        var into = new byte[4096];
        var length = new EntryFrame(entry.LogId, entry.BootId).Write(entry.Seq, Encoding.ASCII.GetBytes("{" + line[start..line.LastIndexOf(",\"crc\"", StringComparison.Ordinal)] + "}"), into);
        return Encoding.ASCII.GetString(into, 0, length);
    }

    private ScratchLog Scratch(TimeSpan? stall = null) => new()
    {
        Options = new() { Tick = TimeSpan.FromMilliseconds(50), StallLimit = stall ?? TimeSpan.FromSeconds(5), ReserveBytes = 0, SigningKey = Path.Combine(keys.FullName, "key.pem"), CheckpointCopy = Copy },
    };

    private async Task<ScratchLog> LogOf(int boots, int entries)
    {
        var scratch = Scratch();
        for (var boot = 0; boot < boots; boot++)
        {
            using var log = scratch.Open();
            for (var i = 0; i < entries; i++)
                await log.AppendLaterAsync(ScratchLog.Draft(log, $"r{i}"));
        }
        return scratch;
    }

    private (int Code, long Entries) Verify(ScratchLog scratch, out IReadOnlyList<Finding> findings, string? elsewhere = null)
    {
        using var key = CheckpointKey.TryOpenPublic(Path.Combine(keys.FullName, "key.pem"));
        var verifier = new AuditVerifier(scratch.Path, key);
        findings = verifier.Run(elsewhere);
        return (AuditVerifier.ExitCode(findings), verifier.Entries);
    }
}
