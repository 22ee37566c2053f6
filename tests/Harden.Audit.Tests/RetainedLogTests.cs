using System.Security.Cryptography;
using Harden.Audit.Bodies;
using Harden.Audit.Retention;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

/// <summary>What tests of retention share: a log that is cut at its beginning while it is written.</summary>
public abstract class RetainedLogTests : IDisposable
{
    private readonly DirectoryInfo keys = Directory.CreateTempSubdirectory("harden-key-");

    private protected RetentionLimits Limits { get; set; } = RetentionLimits.None;

    private protected string Copy => Path.Combine(keys.FullName, "copy");

    private protected string KeyFile => Path.Combine(keys.FullName, "key.pem");

    public void Dispose()
    {
        keys.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A log whose first boot is gone and whose second lost its beginning.</summary>
    private protected async Task<ScratchLog> RetainedLog()
    {
        var scratch = Scratch();
        await OldBoot(scratch);
        scratch.Clock.Offset = TimeSpan.FromDays(-10);
        using var vault = Vault();
        using var log = scratch.Open();
        for (var i = 0; i < 20; i++)
            await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, $"early{i}", new byte[200], time: scratch.Clock.GetUtcNow()));
        scratch.Clock.Offset = default;
        for (var i = 0; i < 20; i++)
            await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, $"late{i}", new byte[200], time: scratch.Clock.GetUtcNow()));
        Limits = new(TimeSpan.FromDays(5), 0);
        await ScratchLog.Until(() => File.Exists(Path.Combine(scratch.Path, "000002.tombstone")) && !File.Exists(Path.Combine(scratch.Path, "000002-000001.jsonl")), "the deletion");
        return scratch;
    }

    private protected async Task OldBoot(ScratchLog scratch)
    {
        Limits = RetentionLimits.None;
        scratch.Clock.Offset = TimeSpan.FromDays(-10);
        using (var vault = Vault())
        using (var log = scratch.Open())
        {
            for (var i = 0; i < 20; i++)
                await log.AppendAsync(ScratchLog.DraftWithBodies(log, vault, $"old{i}", new byte[200], time: scratch.Clock.GetUtcNow()));
        }
        scratch.Clock.Offset = default;
    }

    private protected BodyVault Vault() => new(BodyKeys.OpenOrCreate(Path.Combine(keys.FullName, "bodies.key")));

    private protected ECDsa Key() => CheckpointKey.Open(KeyFile);

    private protected ScratchLog Scratch() => new()
    {
        Options = new()
        {
            Tick = TimeSpan.FromMilliseconds(30), ReserveBytes = 0, SegmentBytes = 4000, SigningKey = KeyFile, CheckpointCopy = Copy,
            Retention = () => Limits, RetentionEvery = TimeSpan.FromMilliseconds(30),
        },
    };

    private protected static string[] Reasons(ScratchLog scratch) => [.. new AuditReader(scratch.Path).Notices().Select(static n => n.Entry.Notice!.Reason)];

    private protected (int Code, AuditVerifier Verifier, IReadOnlyList<Finding> Findings) Verify(ScratchLog scratch, string? elsewhere)
    {
        using var key = CheckpointKey.TryOpenPublic(KeyFile);
        var verifier = new AuditVerifier(scratch.Path, key);
        var findings = verifier.Run(elsewhere);
        return (AuditVerifier.ExitCode(findings), verifier, findings);
    }
}
