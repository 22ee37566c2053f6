using Harden.Audit.Index;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests.Records;

public sealed class IndexedRecordsTests : AuditRecordsContract, IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-index-");
    private AuditIndex? index;

    private string File => IndexFile.PathOf(directory.FullName);

    private protected override async Task<IAuditRecords> OpenAsync(ScratchLog log)
    {
        index ??= AuditIndex.Start(new() { Log = log.Path, File = File, Patience = TimeSpan.FromSeconds(60) });
        Assert.True(await index.IsCurrentAsync(default));
        // No other store to fall back to: the index alone must answer.
        return new IndexedRecords(new(log.Path, File), index, new ScannedRecords(new("/nonexistent")));
    }

    public void Dispose()
    {
        index?.Dispose();
        directory.Delete(recursive: true);
    }
}
