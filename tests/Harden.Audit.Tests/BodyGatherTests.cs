using Harden.Audit.Bodies;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class BodyGatherTests : IDisposable
{
    private readonly DirectoryInfo keys = Directory.CreateTempSubdirectory("harden-key-");
    private readonly ScratchLog scratch = new() { Options = new() { Linger = TimeSpan.FromHours(1), Tick = TimeSpan.FromMilliseconds(50), ReserveBytes = 0 } };
    private readonly BodyVault vault;

    public BodyGatherTests() => vault = new(BodyKeys.OpenOrCreate(Path.Combine(keys.FullName, "bodies.key")));

    [Fact]
    public async Task BodiesNobodyWaitsFor_AreNotWaitedForByOthers_AndAreWrittenBeforeTheEnd()
    {
        using (var log = scratch.Open())
        {
            await log.AppendLaterAsync(ScratchLog.DraftWithBodies(log, vault, "with", "asked", "answered"));
            Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "waited for")));

            Assert.DoesNotContain(scratch.Entries(), static e => e.RequestId == "with");
            Assert.Contains(scratch.Entries(), static e => e.RequestId == "waited for");
            Assert.Empty(Directory.GetFiles(scratch.Path, "*.bodies"));
        }

        var entry = scratch.Entries().Single(static e => e.RequestId == "with");
        Assert.Equal("answered"u8.ToArray(), new BodyReader(scratch.Path, vault.Keys).Open(entry, BodySide.Response).Bytes);
        Assert.Equal(0, vault.Waiting);
    }

    [Fact]
    public async Task BodiesThatFillABatch_AreWrittenAtOnce()
    {
        using var log = scratch.Open();
        for (var i = 0; i < 100; i++)
            await log.AppendLaterAsync(ScratchLog.DraftWithBodies(log, vault, $"r{i}", new byte[16 * 1024]));
        Assert.True(await log.AppendAsync(ScratchLog.Draft(log, "urgent")));

        await ScratchLog.Until(() => scratch.Entries().Exists(static e => e.RequestId == "r0"), "the first body on disk");
        await ScratchLog.Until(() => vault.Waiting < 800 * 1024, "what waits to be less than a batch");
    }

    public void Dispose()
    {
        vault.Dispose();
        scratch.Dispose();
        keys.Delete(recursive: true);
    }
}
