using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests.Records;

public sealed class ScannedRecordsTests : AuditRecordsContract
{
    private protected override Task<IAuditRecords> OpenAsync(ScratchLog log) => Task.FromResult<IAuditRecords>(new ScannedRecords(new(log.Path)));

    [Fact]
    public async Task SearchThatTakesTooLong_SaysWhereItGaveUp()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        for (var i = 0; i < 300; i++)
            await new RecordedExchange(RecordedExchange.IdOf(i)).DenialAsync(log);

        var page = await new ScannedRecords(new(scratch.Path), budget: TimeSpan.Zero).SearchAsync(new() { Text = "nothing" }, null, 10, default);

        Assert.Equal(RecordedExchange.Start, page.GaveUpAt);
        Assert.Null(page.Next);
    }
}
