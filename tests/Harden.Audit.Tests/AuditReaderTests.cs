using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests;

public sealed class AuditReaderTests
{
    [Fact]
    public async Task IntentAndCompletion_AreOneRequestNewestFirst()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await log.AppendAsync(ScratchLog.Draft(log, "first", path: "/a"));
        await log.AppendAsync(ScratchLog.Draft(log, "second", path: "/b"));
        await log.AppendAsync(ScratchLog.Draft(log, "first", "completion"));
        await log.AppendAsync(ScratchLog.Draft(log, "third", "denial", path: "/c"));

        var views = new AuditReader(scratch.Path).Read().ToArray();

        Assert.Equal(["third", "second", "first"], views.Select(static v => v.Entry.RequestId));
        Assert.Equal([AuditState.Complete, AuditState.Open, AuditState.Complete], views.Select(static v => v.State));
        Assert.Equal("/a", views[2].Entry.Http!.Path);
    }

    [Fact]
    public async Task IntentOfADeadBoot_IsInterrupted()
    {
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
            await log.AppendAsync(ScratchLog.Draft(log, "cut off"));

        Assert.Equal(AuditState.Interrupted, new AuditReader(scratch.Path).Find("cut off")!.State);
        using var next = scratch.Open();
        Assert.Equal(AuditState.Interrupted, new AuditReader(scratch.Path).Find("cut off")!.State);
    }

    [Fact]
    public async Task Filter_NarrowsByText()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        for (var i = 0; i < 50; i++)
            await log.AppendAsync(ScratchLog.Draft(log, $"id{i}", "denial", path: i == 17 ? "/Invoices/4711" : "/other"));

        Assert.Equal("id17", Assert.Single(new AuditReader(scratch.Path).Read(new() { Text = "invoices/47" })).Entry.RequestId);
    }

    [Fact]
    public async Task ManyChunks_AreReadWholeAndInOrder()
    {
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
        {
            for (var i = 0; i < 2000; i++)
                await log.AppendLaterAsync(ScratchLog.Draft(log, $"id{i}", "denial", padding: i));
        }

        Assert.Equal(Enumerable.Range(0, 2000).Reverse().Select(static i => $"id{i}"), new AuditReader(scratch.Path).Read().Select(static v => v.Entry.RequestId));
    }

    [Fact]
    public async Task SegmentDeletedWhileReading_IsPassedOver()
    {
        using var scratch = new ScratchLog { Options = new() { SegmentBytes = 4000, ReserveBytes = 0 } };
        using (var log = scratch.Open())
        {
            for (var i = 0; i < 60; i++)
                await log.AppendAsync(ScratchLog.Draft(log, $"id{i}", "denial"));
        }

        List<string> ids = [];
        foreach (var view in new AuditReader(scratch.Path).Read())
        {
            if (ids.Count == 0)
                File.Delete(scratch.Files()[0]); // by retention
            ids.Add(view.Entry.RequestId);
        }

        Assert.Contains("id59", ids);
        Assert.DoesNotContain("id0", ids);
    }

    [Fact]
    public void NoLog_IsEmpty() => Assert.Empty(new AuditReader("/nonexistent/audit").Read());
}
