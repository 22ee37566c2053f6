using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Harden.Audit;
using Harden.Audit.Bodies;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Audit.Capture;

public sealed class BodyCaptureTests
{
    private static readonly string[] Everything = ["Audit:Rules:0:Level=RequestResponse", "Audit:Rules:0:Bodies:JsonPointers:0=/**"];

    [Fact]
    public async Task BothBodies_AreKeptRedactedAndCanBeOpened()
    {
        await using var prototype = await TestPrototype.StartAsync(static async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"id":7,"token":"abc123"}""");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, Everything);

        using var answer = await gateway.Client.PostAsync("/orders", Json("""{"customer":"Ada","password":"hunter2"}"""));
        var view = await gateway.RecordOf("/orders");

        Assert.Equal("""{"id":7,"token":"abc123"}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal("""{"customer":"Ada","password":"*"}""", Opened(gateway, view, BodySide.Request));
        Assert.Equal("""{"id":7,"token":"*"}""", Opened(gateway, view, BodySide.Response));
        var body = view.Entry.Body!;
        Assert.Equal((39L, 39L, false, "", "complete"), (body.Request!.Bytes, body.Request.Captured, body.Request.Truncated, body.Request.NotCaptured, body.Request.End));
        Assert.Equal("rule-1", body.Rule);
        Assert.Contains(view.Entry.Redactions, static r => r.Pointer == "/body/request/password");
    }

    [Theory]
    [InlineData("None", false, false)]
    [InlineData("Metadata", false, false)]
    [InlineData("Request", true, false)]
    [InlineData("RequestResponse", true, true)]
    public async Task Level_SaysWhatIsKept(string level, bool request, bool response)
    {
        await using var prototype = await Echo();
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:Rules:0:Paths:0=/level", $"Audit:Rules:0:Level={level}", level == "None" ? "Audit:Rules:0:Reason=a test" : "Audit:Rules:0:Name=a");

        await gateway.Client.PostAsync("/level", Json("{}"));
        await gateway.Client.GetAsync("/marker");
        await gateway.RecordOf("/marker");
        var view = gateway.Reader().Read(new() { Text = "/level" }).FirstOrDefault();

        Assert.Equal(level == "None", view is null);
        Assert.Equal((request, response), (view?.Entry.Body!.Request!.Ref.Length > 0, view?.Entry.Body!.Response!.Ref.Length > 0));
        if (level == "Metadata")
            Assert.Equal("level", view!.Entry.Body!.Request!.NotCaptured);
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(200, false)]
    public async Task RuleThatWaitsForTheStatus_KeepsTheRequestsBodyToo(int status, bool kept)
    {
        await using var prototype = await TestPrototype.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("[]");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:Rules:0:Statuses:0=5xx", "Audit:Rules:0:Level=RequestResponse");

        await gateway.Client.PostAsync("/status", Json("{}"));
        var body = (await gateway.RecordOf("/status")).Entry.Body!;

        Assert.Equal((kept, kept), (body.Request!.Ref.Length > 0, body.Response!.Ref.Length > 0));
        Assert.Equal(kept ? "rule-1" : "", body.Rule);
    }

    [Fact]
    public async Task BodyBeyondTheLimit_IsKeptToThereAndPassesWhole()
    {
        await using var prototype = await Echo();
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, [.. Everything, "Audit:Rules:0:Limit=1000"]);
        var text = $"[{string.Join(',', Enumerable.Repeat("\"abcdefg\"", 10_000))}]";

        using var answer = await gateway.Client.PostAsync("/long", Json(text));
        var view = await gateway.RecordOf("/long");

        Assert.Equal(text, await answer.Content.ReadAsStringAsync());
        Assert.Equal((text.Length, 1000L, true), (view.Entry.Body!.Request!.Bytes, view.Entry.Body.Request.Captured, view.Entry.Body.Request.Truncated));
        Assert.InRange(Opened(gateway, view, BodySide.Response).Length, 500, 1100);
    }

    [Theory]
    [InlineData("image/png", "content-type")]
    [InlineData("text/plain", "not-allowed")]
    [InlineData("application/json", "undecodable")]
    public async Task BodyThatCannotBeKept_SaysWhy(string type, string reason)
    {
        await using var prototype = await Echo();
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:Rules:0:Level=RequestResponse");
        using var content = new ByteArrayContent("}nope{"u8.ToArray()) { Headers = { ContentType = new(type) } };

        await gateway.Client.PostAsync("/why", content);

        var body = (await gateway.RecordOf("/why")).Entry.Body!.Request!;
        Assert.Equal((reason, "", 6L), (body.NotCaptured, body.Ref, body.Bytes));
    }

    [Fact]
    public async Task AnswerWithoutBody_HasNothingToKeep()
    {
        await using var prototype = await TestPrototype.StartAsync(static context =>
        {
            context.Response.StatusCode = context.Request.Path == "/none" ? 204 : 200;
            context.Response.ContentType = context.Request.Path == "/none" ? null : "application/json";
            context.Response.ContentLength = context.Request.Path == "/none" ? null : 17;
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, Everything);

        using var head = await gateway.Client.SendAsync(new(HttpMethod.Head, "/head"));
        using var none = await gateway.Client.GetAsync("/none");

        Assert.Equal((17L, HttpStatusCode.NoContent), (head.Content.Headers.ContentLength, none.StatusCode));
        foreach (var path in (string[])["/head", "/none"])
        {
            var body = (await gateway.RecordOf(path)).Entry.Body!.Response!;
            Assert.Equal((0L, "", "", "complete"), (body.Bytes, body.Ref, body.NotCaptured, body.End));
        }
    }

    [Fact]
    public async Task UploadThatNobodyReads_IsOnRecordAsUnread()
    {
        await using var prototype = await TestPrototype.StartAsync(static context =>
        {
            context.Response.StatusCode = 413;
            context.Response.Headers.Connection = "close";
            return context.Response.WriteAsync("too much");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, Everything);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/unread") { Content = new StreamContent(new Endless()) };
        request.Headers.TransferEncodingChunked = true;

        try
        {
            using var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (HttpRequestException)
        {
            // the connection may be closed under the upload
        }

        var body = (await gateway.RecordOf("/unread")).Entry.Body!;
        Assert.Contains(body.Request!.End, (string[])["unread", "aborted"]);
        Assert.NotEqual("complete", body.Request.End);
    }

    [Fact]
    public async Task AnswerThatTheAppBreaksOff_IsOnRecordAsReset()
    {
        var seen = new TaskCompletionSource();
        await using var prototype = await TestPrototype.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"half":"of""");
            await context.Response.Body.FlushAsync();
            await seen.Task;
            context.Abort();
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, Everything);

        using var answer = await gateway.Client.GetAsync("/reset", HttpCompletionOption.ResponseHeadersRead);
        seen.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsStringAsync());
        var view = await gateway.RecordOf("/reset");

        Assert.Equal(("reset", "fail", 200), (view.Entry.Body!.Response!.End, view.Entry.Decision!.Action, view.Entry.Http!.Status));
        Assert.Contains("half", Opened(gateway, view, BodySide.Response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task ClientThatLeaves_LeavesWhatPassedOnRecord(string version)
    {
        await using var prototype = await TestPrototype.StartAsync(static async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"n\":1}\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, [.. Everything, $"Edge:Listen:0={(version == "2.0" ? "h2c" : "http")}://127.0.0.1:0"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/left") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using (var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal(13, await (await answer.Content.ReadAsStreamAsync()).ReadAtLeastAsync(new byte[13], 13));
        var view = await gateway.RecordOf("/left");

        Assert.Equal("aborted", view.Entry.Body!.Response!.End);
        Assert.Contains("""{"n":1}""", Opened(gateway, view, BodySide.Response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventStream_IsNotDelayedByCapture()
    {
        var steps = new SemaphoreSlim(0);
        await using var prototype = await TestPrototype.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 20; i++)
            {
                await context.Response.WriteAsync($"data: {{\"n\":{i}}}\n\n");
                await context.Response.Body.FlushAsync();
                await steps.WaitAsync(); // goes on only when the client has seen this event
            }
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, Everything);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        using (var answer = await gateway.Client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead, limit.Token))
        {
            using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal($$"""data: {"n":{{i}}}""", await lines.ReadLineAsync(limit.Token));
                Assert.Equal("", await lines.ReadLineAsync(limit.Token));
                steps.Release();
            }
            Assert.Null(await lines.ReadLineAsync(limit.Token));
        }

        var view = await gateway.RecordOf("/events");
        Assert.Equal((20 * 15) + 10, view.Entry.Body!.Response!.Bytes);
        Assert.Contains("""data: {"n":19}""", Opened(gateway, view, BodySide.Response), StringComparison.Ordinal);
    }

    private static Task<TestPrototype> Echo() => TestPrototype.StartAsync(static context =>
    {
        context.Response.ContentType = context.Request.ContentType;
        return context.Request.Body.CopyToAsync(context.Response.Body);
    });

    private static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static string Opened(GatewayUnderTest gateway, AuditView view, BodySide side)
    {
        var opened = gateway.Services.GetRequiredService<BodyReader>().Open(view.Entry, side);
        Assert.Equal("", opened.Text);
        return Encoding.UTF8.GetString(opened.Bytes!);
    }

    private sealed class Endless : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => count;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(buffer.Length);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(count);
    }
}
