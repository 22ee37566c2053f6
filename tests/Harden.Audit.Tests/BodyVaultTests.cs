using System.Text;
using Harden.Audit.Bodies;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class BodyVaultTests : IDisposable
{
    private readonly DirectoryInfo keys = Directory.CreateTempSubdirectory("harden-key-");

    private string KeyFile => Path.Combine(keys.FullName, "bodies.key");

    [Fact]
    public async Task SealedBodies_AreReadBackByTheirEntry()
    {
        using var scratch = new ScratchLog();
        using var vault = Vault();
        using (var log = scratch.Open())
        {
            await Parallel.ForAsync(0, 500, async (i, _) => Assert.True(await log.AppendAsync(
                ScratchLog.DraftWithBodies(log, vault, $"r{i}", $"asked {i} " + new string('a', i * 7), i % 2 == 0 ? $"answered {i}" : null))));
        }

        var reader = new BodyReader(scratch.Path, BodyKeys.Open(KeyFile));
        var entries = scratch.Entries().Where(static e => e.Body is not null).ToArray();
        Assert.Equal(500, entries.Length);
        foreach (var entry in entries)
        {
            var i = int.Parse(entry.RequestId.AsSpan(1));
            Assert.Equal($"asked {i} " + new string('a', i * 7), Text(reader.Open(entry, BodySide.Request)));
            if (i % 2 == 0)
                Assert.Equal($"answered {i}", Text(reader.Open(entry, BodySide.Response)));
            else
                Assert.Equal(BodyFault.NotKept, reader.Open(entry, BodySide.Response).Fault);
        }
        Assert.Equal(0, vault.Waiting);
        Assert.All(Directory.GetFiles(scratch.Path), file => Assert.DoesNotContain("asked 4", File.ReadAllText(file, Encoding.Latin1), StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile) | File.GetUnixFileMode(Directory.GetFiles(scratch.Path, "*.bodies").Single()));
    }

    [Fact]
    public async Task EqualBodies_HaveEqualHashesAndUnequalCiphertext()
    {
        using var scratch = new ScratchLog();
        using var vault = Vault();
        using var log = scratch.Open();
        await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "one", "the same", "the same"));
        await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "two", "the same", null));

        var bodies = scratch.Entries().Where(static e => e.Body is not null).SelectMany(static e => new[] { e.Body!.Request, e.Body.Response }).OfType<AuditBody>().ToArray();
        Assert.Single(bodies.Select(static b => b.Hmac).Distinct());
        var frames = bodies.Select(b => Convert.ToHexString(Frame(scratch, b)[BodyFrame.Head..])).ToArray();
        Assert.Equal(3, frames.Distinct().Count());
    }

    [Fact]
    public async Task RotatedKey_StillOpensWhatItSealed_AndAKeyTakenOutDoesNot()
    {
        using var scratch = new ScratchLog();
        using (var vault = Vault())
        using (var log = scratch.Open())
            await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "old", "under the old key", null));
        await File.WriteAllTextAsync(KeyFile, "# rotated\n" + Convert.ToBase64String(new byte[32]) + "\n" + await File.ReadAllTextAsync(KeyFile));
        using (var vault = Vault())
        using (var log = scratch.Open())
            await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "new", "under the new key", null));

        var (old, young) = (scratch.Entries().Single(static e => e.RequestId == "old"), scratch.Entries().Single(static e => e.RequestId == "new"));
        var reader = new BodyReader(scratch.Path, BodyKeys.Open(KeyFile));
        Assert.Equal("under the old key", Text(reader.Open(old, BodySide.Request)));
        Assert.Equal("under the new key", Text(reader.Open(young, BodySide.Request)));

        await File.WriteAllTextAsync(KeyFile, Convert.ToBase64String(new byte[32]));
        reader = new(scratch.Path, BodyKeys.Open(KeyFile));
        Assert.Equal(BodyFault.KeyMissing, reader.Open(old, BodySide.Request).Fault);
        Assert.Equal("under the new key", Text(reader.Open(young, BodySide.Request)));
    }

    [Fact]
    public async Task BodyOfAnotherRequestOrSide_DoesNotPass()
    {
        using var scratch = new ScratchLog();
        using var vault = Vault();
        using var log = scratch.Open();
        await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "a", "same bytes", "same bytes"));
        await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, "b", "same bytes", null));
        var (a, b) = (scratch.Entries().Single(static e => e.RequestId == "a"), scratch.Entries().Single(static e => e.RequestId == "b"));
        var reader = new BodyReader(scratch.Path, vault.Keys);

        var (asked, answered) = (a.Body!.Request!.Ref, a.Body.Response!.Ref);
        a.Body.Request.Ref = answered;
        Assert.Equal(BodyFault.Altered, reader.Open(a, BodySide.Request).Fault);
        a.Body.Request.Ref = asked;
        Assert.Equal(BodyFault.None, reader.Open(a, BodySide.Request).Fault);
        b.Body!.Request!.Ref = asked;
        Assert.Equal(BodyFault.Altered, reader.Open(b, BodySide.Request).Fault);
    }

    [Fact]
    public void WhatWaitsForTheDisk_IsBounded()
    {
        using var vault = new BodyVault(BodyKeys.OpenOrCreate(KeyFile), budget: 10_000);
        var first = vault.TrySeal("r", BodySide.Request, new byte[6000])!;
        Assert.Null(vault.TrySeal("r", BodySide.Response, new byte[6000]));
        first.Return();
        first.Return();
        Assert.Equal(0, vault.Waiting);
        Assert.NotNull(vault.TrySeal("r", BodySide.Response, new byte[6000]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64\n")]
    [InlineData("c2hvcnQ=\n")]
    public void BadKeyFile_IsRefusedWithASentence(string content)
    {
        File.WriteAllText(KeyFile, content);
        var refusal = Assert.Throws<AuditLogException>(() => BodyKeys.OpenOrCreate(KeyFile));
        Assert.Contains("openssl rand -base64 32", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrittenEntries_LeaveNoGarbageOfTheirBodies()
    {
        using var scratch = new ScratchLog();
        using var vault = Vault();
        using var log = scratch.Open();
        var body = new byte[16 * 1024];
        long allocated = 0;
        for (var i = 0; i < 220; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var entry = ScratchLog.DraftWithBodies(log, vault, "r", body);
            if (i >= 20)
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(await log.AppendAsync(entry));
        }

        Assert.InRange(allocated / 200, 0, 4096); // the body alone is 16 KiB
    }

    public void Dispose() => keys.Delete(recursive: true);

    private BodyVault Vault() => new(BodyKeys.OpenOrCreate(KeyFile));

    private static string? Text(OpenedBody body) => body.Bytes is null ? body.Text : Encoding.UTF8.GetString(body.Bytes);

    private static byte[] Frame(ScratchLog scratch, AuditBody body)
    {
        var place = BodyRef.TryParse(body.Ref)!.Value;
        using var file = File.OpenHandle(Path.Combine(scratch.Path, place.Segment.BodiesName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return BodyReader.ReadFrame(file, place.Offset)!;
    }
}
