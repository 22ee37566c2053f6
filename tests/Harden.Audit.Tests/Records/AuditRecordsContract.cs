using Harden.Audit.Tests.Infrastructure;

namespace Harden.Audit.Tests.Records;

/// <summary>What every store of the record promises who searches it.</summary>
public abstract class AuditRecordsContract
{
    private static readonly RecordedExchange[] Exchanges =
    [
        new(RecordedExchange.IdOf(0)) { Path = "/orders/4711/items", Query = "page=2&customer=*", Display = "Ada Lovelace <ada@example.com>", Subject = "8f0c-ada", Trace = "aa00aa00aa00aa00aa00aa00aa00aa00", Rule = "Members" },
        new(RecordedExchange.IdOf(1)) { Path = "/Orders", Method = "POST", Status = 201, Display = "Grace Hopper", Subject = "11-grace", Trace = "bb00bb00bb00bb00bb00bb00bb00bb00", Time = RecordedExchange.Start.AddMinutes(1), Rule = "Members" },
        new(RecordedExchange.IdOf(2)) { Path = "/admin", Status = 403, Action = "deny", Reason = "no-rule", Client = "2001:db8::7", Trace = "bb00bb00bb00bb00bb00bb00bb00bb00", Time = RecordedExchange.Start.AddMinutes(2) },
        new(RecordedExchange.IdOf(3)) { Path = "/api/überweisung", Status = 429, Action = "limit", Reason = "rate", Limit = "per person", Time = RecordedExchange.Start.AddMinutes(3), Display = "Ada King", Subject = "77000000-0000-4000-8000-000000000077" },
        new(RecordedExchange.IdOf(4)) { Path = "/.harden/health/live", Action = "answer", Reason = "health", Time = RecordedExchange.Start.AddMinutes(4) },
    ];

    /// <summary>The records of this log as they are once all that is in it now can be found.</summary>
    private protected abstract Task<IAuditRecords> OpenAsync(ScratchLog log);

    public static TheoryData<string, AuditQueryCase> Queries => new()
    {
        { "43210", new(new()) },
        { "3210", new(new() { HideOwn = true }) },
        { "32", new(new() { From = RecordedExchange.Start.AddMinutes(2), To = RecordedExchange.Start.AddMinutes(4) }) },
        { "432", new(new() { From = RecordedExchange.Start.AddMinutes(2) }) },
        { "10", new(new() { To = RecordedExchange.Start.AddMinutes(2) }) },
        { "43210", new(new() { From = DateTimeOffset.MinValue, To = DateTimeOffset.MaxValue }) },
        { "", new(new() { From = DateTimeOffset.MaxValue }) },
        { "", new(new() { To = DateTimeOffset.MinValue }) },
        { "30", new(new() { User = "ada" }) },
        { "0", new(new() { User = "LOVE ada" }) },
        { "1", new(new() { User = "11-GRACE" }) },
        { "", new(new() { User = "11" }) },
        { "3", new(new() { User = "77000000-0000-4000-8000-000000000077" }) },
        { "3", new(new() { Text = "77000000-0000-4000-8000-000000000077" }) },
        { "1", new(new() { Method = "post" }) },
        { "10", new(new() { Path = "/orders" }) },
        { "0", new(new() { Path = "/orders/*/items" }) },
        { "0", new(new() { Path = "*ITEMS" }) },
        { "", new(new() { Path = "rders" }) },
        { "3", new(new() { Path = "/api/ÜBER" }) },
        { "2", new(new() { Status = 403 }) },
        { "32", new(new() { StatusClass = 4 }) },
        { "3", new(new() { Action = "limit" }) },
        { "2", new(new() { Reason = "no-rule" }) },
        { "10", new(new() { Rule = "members" }) },
        { "3", new(new() { Limit = "per person" }) },
        { "2", new(new() { Client = "2001:db8::7" }) },
        { "1", new(new() { Id = RecordedExchange.IdOf(1) }) },
        { "21", new(new() { Id = "BB00bb00bb00bb00bb00bb00bb00bb00" }) },
        { "10", new(new() { State = QueryState.Completed }) },
        { "432", new(new() { State = QueryState.Denied }) },
        { "", new(new() { State = QueryState.Open }) },
        { "0", new(new() { Text = "orders/47" }) },
        { "10", new(new() { Text = "ORD" }) },
        { "0", new(new() { Text = "customer lovelace" }) },
        { "", new(new() { Text = "ovelace" }) },
        { "3", new(new() { Text = "überw" }) },
        { "1", new(new() { Text = RecordedExchange.IdOf(1) }) },
        { "21", new(new() { Text = "bb00bb00bb00bb00bb00bb00bb00bb00" }) },
        { "43210", new(new() { Text = "/ - ?" }) },
        { "0", new(new() { Text = "ada", Path = "/orders", StatusClass = 2, Rule = "Members", State = QueryState.Completed, Method = "GET" }) },
        { "", new(new() { Text = "ada", Action = "deny" }) },
        { "", new(new() { Text = "\" OR 1 -- * NEAR(" }) },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Query_FindsWhatMatchesNewestFirst(string expected, AuditQueryCase query)
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await FillAsync(log);
        var records = await OpenAsync(scratch);

        var page = await records.SearchAsync(query.Query, null, 10, default);
        List<string> read = [];
        await foreach (var view in records.ReadAsync(query.Query, default))
            read.Add(NumberOf(view));

        Assert.Equal(expected, string.Concat(page.Found.Select(NumberOf)));
        Assert.Equal(expected, string.Concat(read));
        Assert.Null(page.Next);
        Assert.Equal(new AuditCount(expected.Length, false), await records.CountAsync(query.Query, 10, default));
    }

    [Fact]
    public async Task View_JoinsWhatTheEntriesSay()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await FillAsync(log);
        var records = await OpenAsync(scratch);

        var view = Assert.Single(await records.FindAsync(RecordedExchange.IdOf(1), default));

        Assert.Equal(AuditState.Complete, view.State);
        Assert.Equal([EntryStage.Intent, EntryStage.Completion], view.Parts.Select(static p => p.Stage));
        Assert.Equal(("POST", "/Orders", 201, "Grace Hopper"), (view.Entry.Http!.Method, view.Entry.Http.Path, view.Entry.Http.Status, view.Entry.Actor!.Display));
        Assert.Equal(["2", "1"], (await records.FindAsync(view.Entry.TraceId.ToUpperInvariant(), default)).Select(NumberOf));
        Assert.Empty(await records.FindAsync("ffffffffffffffffffffffffffffffff", default));
        Assert.Empty(await records.FindAsync("", default));
    }

    [Fact]
    public async Task Pages_CoverEveryRequestOnce_AlsoWhileNewOnesCome()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        for (var i = 0; i < 23; i++)
            await new RecordedExchange(RecordedExchange.IdOf(i)) { Path = $"/{i}" }.ForwardAsync(log);

        List<string> seen = [];
        string? cursor = null;
        do
        {
            var page = await (await OpenAsync(scratch)).SearchAsync(new() { StatusClass = 2 }, cursor, 5, default);
            seen.AddRange(page.Found.Select(static v => v.Entry.Http!.Path[1..]));
            cursor = page.Next;
            await new RecordedExchange(RecordedExchange.IdOf(100 + seen.Count)).ForwardAsync(log);
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 23).Reverse().Select(static n => $"{n}"), seen);
    }

    [Fact]
    public async Task Count_StopsAtItsBound()
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await FillAsync(log);

        Assert.Equal(new AuditCount(3, true), await (await OpenAsync(scratch)).CountAsync(new(), 3, default));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("1.-1")]
    [InlineData("' OR 1")]
    public async Task WhatIsNoCursor_IsRefused(string cursor)
    {
        using var scratch = new ScratchLog();
        using var log = scratch.Open();
        await FillAsync(log);
        var records = await OpenAsync(scratch);

        await Assert.ThrowsAsync<FormatException>(() => records.SearchAsync(new(), cursor, 5, default));
        await Assert.ThrowsAsync<FormatException>(() => records.NoticesAsync(cursor, 5, default));
    }

    [Fact]
    public async Task UnfinishedRequest_IsOpenWhileItsGatewayRuns_ThenInterrupted_AndCompletedWhenItsEndComes()
    {
        using var scratch = new ScratchLog();
        var late = new RecordedExchange("late") { Path = "/late", Status = 204 };
        using (var log = scratch.Open())
        {
            await late.IntentAsync(log);
            await new RecordedExchange("stream") { Path = "/stream" }.IntentAsync(log);
            Assert.Equal(["stream", "late"], await IdsAsync(scratch, new() { State = QueryState.Open }));
            await new RecordedExchange("stream").ProgressAsync(log);
            await late.CompletionAsync(log);
            Assert.Equal(["stream"], await IdsAsync(scratch, new() { State = QueryState.Open }));
            Assert.Equal(["stream"], await IdsAsync(scratch, new() { Status = 200, Text = "stream" }));
            Assert.Equal(["late"], await IdsAsync(scratch, new() { Status = 204 }));
        }
        using var next = scratch.Open();
        Assert.Equal(["stream"], await IdsAsync(scratch, new() { State = QueryState.Interrupted }));
        Assert.Empty(await IdsAsync(scratch, new() { State = QueryState.Open }));
    }

    [Fact]
    public async Task OrderIsThatOfWriting_OverBootsAndAClockSetBack()
    {
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
            await new RecordedExchange("first") { Time = RecordedExchange.Start.AddHours(2) }.ForwardAsync(log);
        using var next = scratch.Open();
        await new RecordedExchange("second") { Time = RecordedExchange.Start.AddHours(1.5) }.ForwardAsync(next);

        Assert.Equal(["second", "first"], await IdsAsync(scratch, new()));
        Assert.Equal(["first"], await IdsAsync(scratch, new() { From = RecordedExchange.Start.AddHours(2) }));
    }

    [Fact]
    public async Task Notices_AreTheLogsOwnEntriesByPage()
    {
        using var scratch = new ScratchLog();
        using (var log = scratch.Open())
            await FillAsync(log);
        using var next = scratch.Open();
        var records = await OpenAsync(scratch);

        var first = await records.NoticesAsync(null, 2, default);
        var second = await records.NoticesAsync(first.Next, 2, default);

        Assert.Equal([EntryStage.Boot, EntryStage.End], first.Found.Select(static e => e.Stage));
        Assert.Equal(EntryStage.Boot, Assert.Single(second.Found).Stage);
        Assert.Null(second.Next);
    }

    private async Task<IEnumerable<string>> IdsAsync(ScratchLog scratch, AuditQuery query) =>
        (await (await OpenAsync(scratch)).SearchAsync(query, null, 10, default)).Found.Select(static v => v.Entry.RequestId);

    private static string NumberOf(AuditView view) => view.Entry.RequestId[^1..];

    private static async Task FillAsync(AuditLog log)
    {
        foreach (var one in Exchanges)
        {
            if (one.Action == "forward")
                await one.ForwardAsync(log);
            else
                await one.DenialAsync(log);
        }
    }
}

/// <summary>A query as a case of a theory.</summary>
public sealed class AuditQueryCase
{
    internal AuditQueryCase(AuditQuery query) => Query = query;

    internal AuditQuery Query { get; }

    public override string ToString() => Query.ToString();
}
