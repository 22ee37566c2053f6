using System.Collections.Concurrent;
using Harden.Audit.Bodies;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class BodyTamperTests : IDisposable
{
    private readonly DirectoryInfo keys = Directory.CreateTempSubdirectory("harden-key-");

    [Theory]
    [InlineData("nothing", false, 0, null)]
    [InlineData("nothing", true, 0, null)]
    [InlineData("flip a bit", false, 1, 5)]
    [InlineData("flip a bit", true, 1, 5)]
    [InlineData("flip a bit and mend its checksum", true, 1, 5)]
    [InlineData("put another body in its place", true, 1, 5)]
    [InlineData("cut the last body off", false, 1, 20)]
    [InlineData("delete the bodies", false, 1, 1)]
    [InlineData("take the key away", true, 3, 1)]
    public async Task Tampering_IsFoundAndNamed(string how, bool withKey, int code, int? entry)
    {
        using var scratch = await LogOf(20);
        Tamper(scratch, how);

        var findings = Verify(scratch, withKey, out var bodies);

        Assert.True(code == AuditVerifier.ExitCode(findings), string.Join(' ', findings.Select(static f => f.Text)));
        Assert.Equal(20, bodies);
        if (entry is not null)
        {
            Assert.Equal(("000001-000001.bodies", (long?)entry), (findings[0].File, findings[0].Entry));
            Assert.Contains($"request r{entry - 1}", findings[0].Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task MendedChecksum_IsNotFoundWithoutTheKey()
    {
        using var scratch = await LogOf(20);
        Tamper(scratch, "flip a bit and mend its checksum");
        Assert.Empty(Verify(scratch, withKey: false, out _)); // why the guide says to give --body-key
    }

    [Fact]
    public async Task ManyMissingBodies_AreCounted()
    {
        using var scratch = await LogOf(100);
        File.Delete(BodiesOf(scratch));
        var findings = Verify(scratch, withKey: false, out _);
        Assert.Equal(21, findings.Count);
        Assert.StartsWith("80 more bodies", findings[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HB01\u0040\u0001\0\0half a frame")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("HB01")]
    public async Task TornTail_IsMovedAsideAndReported(string torn)
    {
        using var scratch = await LogOf(3);
        await File.AppendAllTextAsync(BodiesOf(scratch), torn);

        ConcurrentQueue<AuditNotice> noticed = [];
        using (scratch.Open(new() { Noticed = noticed.Enqueue }))
        {
        }

        Assert.Equal(("torn-tail", (long)torn.Length, "000001-000001.bodies.torn"), (noticed.Single().Reason, noticed.First().Count, noticed.First().File));
        Assert.Empty(Verify(scratch, withKey: true, out var bodies));
        Assert.Equal(3, bodies);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("replace")]
    public async Task BodiesTakenAwayWhileWritten_AreNoticedAndRestored(string how)
    {
        using var scratch = Scratch();
        using var vault = Vault();
        ConcurrentQueue<AuditNotice> noticed = [];
        using (var log = scratch.Open(new() { Noticed = noticed.Enqueue }))
        {
            await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "evidence", "what was said", null));
            File.Delete(BodiesOf(scratch));
            if (how == "replace")
                await File.WriteAllTextAsync(Path.Combine(scratch.Path, "000001-000001.bodies"), "nothing was said");
            await ScratchLog.Until(() => noticed.Count > 0, "a notice");
            await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "after", "and more", null));
        }

        Assert.Equal(("segment-restored", "000001-000001.bodies"), (noticed.First().Reason, noticed.First().File));
        Assert.Empty(Verify(scratch, withKey: true, out var bodies));
        Assert.Equal(2, bodies);
    }

    [Fact]
    public async Task FullDisk_KeepsBodiesAndEntriesTogetherAndRecovers()
    {
        using var disk = new SmallDisk("3m");
        using var scratch = new ScratchLog(disk.Path);
        using var vault = Vault();
        using (var log = scratch.Open())
        {
            Assert.True(await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "before", new byte[20_000])));
            disk.Fill();
            while (await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "filling", new byte[20_000])))
            {
            }
            Assert.Contains("full", log.Trouble, StringComparison.Ordinal);
            for (var i = 0; i < 50; i++)
                await log.AppendLaterAsync(ScratchLog.DraftWithBodies(log, vault, $"closing{i}", new byte[20_000]));
            disk.Free();
            await ScratchLog.Until(() => log.State == LogState.Healthy, "recovery");
            Assert.True(await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "after", new byte[20_000])));
        }

        Assert.Equal(0, vault.Waiting);
        var entries = scratch.Entries();
        Assert.Equal(50, entries.Count(static e => e.RequestId.StartsWith("closing", StringComparison.Ordinal)));
        var reader = new BodyReader(scratch.Path, vault.Keys);
        Assert.All(entries.Where(static e => e.Body is not null), e => Assert.Equal(20_000, reader.Open(e, BodySide.Request).Bytes?.Length));
        Assert.Equal(0, AuditVerifier.ExitCode(new AuditVerifier(scratch.Path, null, vault.Keys).Run()));
    }

    public void Dispose() => keys.Delete(recursive: true);

    private void Tamper(ScratchLog scratch, string how)
    {
        var path = BodiesOf(scratch);
        var bytes = File.ReadAllBytes(path);
        var frames = scratch.Entries().Where(static e => e.Body is not null).Select(static e => (int)BodyRef.TryParse(e.Body!.Request!.Ref)!.Value.Offset).Append(bytes.Length).ToArray();
        var fifth = bytes.AsSpan(frames[4], frames[5] - frames[4]);
        switch (how)
        {
            case "flip a bit":
                fifth[BodyFrame.Head + 3] ^= 1;
                break;
            case "flip a bit and mend its checksum":
                fifth[BodyFrame.Head + 3] ^= 1;
                BodyFrame.Close(fifth);
                break;
            case "put another body in its place":
                bytes.AsSpan(frames[3], fifth.Length).CopyTo(fifth);
                break;
            case "cut the last body off":
                bytes = bytes[..frames[19]];
                break;
            case "delete the bodies":
                File.Delete(path);
                return;
            case "take the key away":
                File.WriteAllText(Path.Combine(keys.FullName, "bodies.key"), Convert.ToBase64String(new byte[32]));
                break;
        }
        File.WriteAllBytes(path, bytes);
    }

    private static string BodiesOf(ScratchLog scratch) => Directory.GetFiles(scratch.Path, "*.bodies").Single();

    private ScratchLog Scratch() => new() { Options = new() { Tick = TimeSpan.FromMilliseconds(50), ReserveBytes = 0, SigningKey = Path.Combine(keys.FullName, "key.pem") } };

    private BodyVault Vault() => new(BodyKeys.OpenOrCreate(Path.Combine(keys.FullName, "bodies.key")));

    private async Task<ScratchLog> LogOf(int entries)
    {
        var scratch = Scratch();
        using var vault = Vault();
        using var log = scratch.Open();
        for (var i = 0; i < entries; i++)
            await log.AppendLaterAsync(ScratchLog.DraftWithBodies(log, vault, $"r{i}", "a body of the same length", null));
        return scratch;
    }

    private IReadOnlyList<Finding> Verify(ScratchLog scratch, bool withKey, out long bodies)
    {
        using var key = CheckpointKey.TryOpenPublic(Path.Combine(keys.FullName, "key.pem"));
        var verifier = new AuditVerifier(scratch.Path, key, withKey ? BodyKeys.Open(Path.Combine(keys.FullName, "bodies.key")) : null);
        var findings = verifier.Run();
        bodies = verifier.Bodies;
        return findings;
    }
}
