using System.Security.Cryptography;
using System.Text;
using Harden.Audit.Proof;
using Harden.Audit.Retention;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class ProofTests : IDisposable
{
    private readonly DirectoryInfo keys = Directory.CreateTempSubdirectory("harden-key-");
    private RetentionLimits limits = RetentionLimits.None;

    [Fact]
    public void Paths_LeadToTheRootForEveryLeafOfEverySize_AlsoBehindATombstone()
    {
        List<byte[]> leaves = [];
        for (var size = 1; size <= 40; size++)
        {
            leaves.Add(MerkleFrontier.LeafHash(Encoding.ASCII.GetBytes($"entry {size}")));
            var tree = Tree(leaves);
            for (var deleted = 0; deleted < size; deleted++)
            {
                var gone = Tree(leaves[..deleted]);
                var tombstone = deleted == 0 ? null : new Tombstone("", "", 1, 1, false, deleted, gone.Peaks(), default, default, default, "");
                for (var index = deleted; index < size; index++)
                {
                    var collector = new PathCollector(index, size, tombstone);
                    for (var i = deleted; i < size; i++)
                        collector.Pass(i, leaves[i]);
                    Assert.Equal(tree.Root(), MerklePath.Root(leaves[index], index, size, collector.Path));
                    if (size > 1)
                    {
                        Assert.Null(MerklePath.Root(leaves[index], index, size, collector.Path.SkipLast(1)));
                        Assert.NotEqual(tree.Root(), MerklePath.Root(leaves[(index + 1) % size], index, size, collector.Path));
                    }
                    Assert.Null(MerklePath.Root(leaves[index], index, size, collector.Path.Append(leaves[0])));
                }
            }
        }
    }

    [Theory]
    [InlineData("""{ "format": "harden-audit-proof/1", "checkpoint": null, "entries": [] }""")]
    [InlineData("""{ "format": "harden-audit-proof/1", "checkpoint": "", "entries": null }""")]
    [InlineData("""{ "format": "harden-audit-proof/1", "checkpoint": "", "entries": [null] }""")]
    [InlineData("""{ "format": "harden-audit-proof/1", "checkpoint": "", "entries": [{ "entry": null }] }""")]
    [InlineData("""{ "format": "harden-audit-proof/1", "checkpoint": "", "entries": [{ "entry": "", "path": null }] }""")]
    [InlineData("""{ "format": "harden-audit-proof/1", "checkpoint": "", "entries": [{ "entry": "", "path": [null] }] }""")]
    [InlineData("null")]
    public void FileThatIsNoProof_IsToldAsSuch(string text) => Assert.Null(ProofFile.TryParse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task EveryRequest_IsProvenWithoutTheLog()
    {
        using var scratch = Scratch();
        await Boot(scratch, "ended");
        using var log = scratch.Open();
        await Fill(log, "live");
        await ScratchLog.Until(() => Signed(scratch, 2) >= scratch.Entries().Count(e => e.BootId == log.BootId), "a checkpoint"); // of all: each segment begins with an entry of its own
        Assert.True(scratch.Files().Count > 4); // across segments

        using var key = Public();
        var prover = new Prover(scratch.Path, key);
        foreach (var id in (string[])["ended0", "ended7", "ended19", "live0", "live13", "live19"])
        {
            var proof = ProofFile.TryParse(prover.Prove(id).ToBytes())!;
            Assert.Empty(proof.Check(key));
            Assert.Equal([EntryStage.Intent, EntryStage.Completion], proof.Entries.Select(static e => AuditEntry.TryParse(Encoding.UTF8.GetBytes(e.Entry))!.Stage));
            Assert.All(proof.Entries, e => Assert.Contains(id, e.Entry, StringComparison.Ordinal));
        }
        Assert.Contains("no request", Assert.Throws<AuditLogException>(() => prover.Prove("nobody")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestBehindATombstone_IsProven()
    {
        using var scratch = Scratch();
        scratch.Clock.Offset = TimeSpan.FromDays(-10);
        using (var log = scratch.Open())
        {
            await Fill(log, "early"); // drafted in 1970
            scratch.Clock.Offset = default;
            await Fill(log, "late", DateTimeOffset.UtcNow);
            limits = new(TimeSpan.FromDays(5), 0);
            await ScratchLog.Until(() => !File.Exists(Path.Combine(scratch.Path, "000001-000001.jsonl")), "the deletion");
        }

        using var key = Public();
        Assert.Empty(new Prover(scratch.Path, key).Prove("late5").Check(key));
        Assert.Throws<AuditLogException>(() => new Prover(scratch.Path, key).Prove("early0"));
    }

    [Theory]
    [InlineData("alter the entry", "checksum")]
    [InlineData("alter the entry and mend its checksum", "not the one that was signed for")]
    [InlineData("say it is another entry", "says of itself")]
    [InlineData("alter the path", "not the one that was signed for")]
    [InlineData("shorten the path", "length")]
    [InlineData("alter the size", "not signed")]
    [InlineData("use another boot's checkpoint", "another log or boot")]
    [InlineData("sign with another key", "not signed")]
    [InlineData("leave the entries out", "no entries")]
    public async Task Tampering_IsNamed(string how, string sentence)
    {
        using var scratch = Scratch();
        await Boot(scratch, "a");
        await Boot(scratch, "b");
        using var key = Public();
        var proof = new Prover(scratch.Path, key).Prove("a5");
        var first = proof.Entries[0];
        switch (how)
        {
            case "alter the entry":
                first.Entry = first.Entry.Replace("/a5", "/b5", StringComparison.Ordinal);
                break;
            case "alter the entry and mend its checksum":
                var entry = AuditEntry.TryParse(Encoding.ASCII.GetBytes(first.Entry))!;
                var line = new byte[1000];
                first.Entry = Encoding.ASCII.GetString(line, 0, new EntryFrame(entry.LogId, entry.BootId).Write(entry.Seq, "{\"stage\":\"intent\",\"requestId\":\"a5\"}"u8, line));
                break;
            case "say it is another entry":
                first.Index++;
                break;
            case "alter the path":
                first.Path[1][0] ^= 1;
                break;
            case "shorten the path":
                first.Path = [.. first.Path.SkipLast(1)];
                break;
            case "alter the size":
                proof.Checkpoint = proof.Checkpoint.Replace("\n4", "\n5", StringComparison.Ordinal); // 40 and some
                Assert.Contains("\n5", proof.Checkpoint, StringComparison.Ordinal);
                break;
            case "use another boot's checkpoint":
                proof.Checkpoint = await File.ReadAllTextAsync(Path.Combine(scratch.Path, "000002.checkpoint"));
                break;
            case "sign with another key":
                using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    proof.Checkpoint = Checkpoint.TryOpen(proof.Checkpoint, key)!.Sign(other);
                break;
            default:
                proof.Entries = [];
                break;
        }

        Assert.Contains(sentence, ProofFile.TryParse(proof.ToBytes())!.Check(key).First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AlteredLog_ProvesNothing()
    {
        using var scratch = Scratch();
        await Boot(scratch, "a");
        var file = scratch.Files()[0];
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("/a", "/b", StringComparison.Ordinal));
        using var key = Public();
        Assert.Contains("harden audit verify", Assert.Throws<AuditLogException>(() => new Prover(scratch.Path, key).Prove("a0")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => keys.Delete(recursive: true);

    private static MerkleFrontier Tree(IEnumerable<byte[]> leaves)
    {
        var tree = new MerkleFrontier();
        foreach (var leaf in leaves)
            tree.AppendHash(leaf.ToArray());
        return tree;
    }

    private async Task Boot(ScratchLog scratch, string prefix)
    {
        using var log = scratch.Open();
        await Fill(log, prefix);
    }

    private static async Task Fill(AuditLog log, string prefix, DateTimeOffset time = default)
    {
        for (var i = 0; i < 20; i++)
            await log.AppendLaterAsync(ScratchLog.Draft(log, $"{prefix}{i}", path: $"/{prefix}{i}", time: time));
        for (var i = 0; i < 20; i++)
            await log.AppendAsync(ScratchLog.Draft(log, $"{prefix}{i}", "completion", time: time));
    }

    private long Signed(ScratchLog scratch, int boot)
    {
        using var key = Public();
        return Checkpoint.TryOpen(File.ReadAllText(Path.Combine(scratch.Path, Checkpoint.FileName(boot))), key)?.Size ?? 0;
    }

    private ECDsa Public() => CheckpointKey.TryOpenPublic(Path.Combine(keys.FullName, "key.pem"))!;

    private ScratchLog Scratch() => new()
    {
        Options = new()
        {
            Tick = TimeSpan.FromMilliseconds(30), ReserveBytes = 0, SegmentBytes = 3000, SigningKey = Path.Combine(keys.FullName, "key.pem"),
            Retention = () => limits, RetentionEvery = TimeSpan.FromMilliseconds(30),
        },
    };
}
