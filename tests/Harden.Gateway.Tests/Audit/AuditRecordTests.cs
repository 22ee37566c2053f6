using System.Net;
using System.Text;
using Harden.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Audit;

public sealed class AuditRecordTests
{
    [Fact]
    public async Task ForwardedRequest_HasIntentAndCompletion()
    {
        await using var prototype = await TestPrototype.StartAsync(static async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = 201;
            await context.Response.WriteAsync("made");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders?page=2&customer=4711") { Content = new StringContent("{\"a\":1}", Encoding.UTF8, "application/json") };
        request.Headers.UserAgent.ParseAdd("curl/8");

        using var answer = await gateway.Client.SendAsync(request);
        var view = await gateway.RecordOf("/orders");

        Assert.Equal([EntryStage.Intent, EntryStage.Completion], view.Parts.Select(static p => p.Stage));
        var entry = view.Entry;
        Assert.Equal(answer.Headers.GetValues("X-Harden-Trace").Single(), entry.TraceId);
        Assert.Equal(("POST", "/orders", "page=2&customer=*", "HTTP/1.1", 201), (entry.Http!.Method, entry.Http.Path, entry.Http.Query, entry.Http.Version, entry.Http.Status));
        Assert.Equal("application/json; charset=utf-8", entry.Http.RequestHeaders["content-type"]);
        Assert.Equal(("127.0.0.1", "127.0.0.1", "curl/8"), (entry.Source!.Peer, entry.Source.Client, entry.Source.UserAgent));
        Assert.Equal((7L, 4L), (entry.Body!.Request!.Bytes, entry.Body.Response!.Bytes));
        Assert.Equal(("complete", "complete"), (entry.Body.Request.End, entry.Body.Response.End));
        Assert.Equal("forward", entry.Decision!.Action);
        Assert.Equal(1, entry.Upstream!.Attempts);
        Assert.InRange(entry.Timing!.TotalUs, entry.Timing.IntentUs, 60_000_000);
        Assert.Contains(entry.Redactions, static r => r is { Pointer: "/http/query/customer", Rule: "query-value" });
    }

    [Theory]
    [InlineData("/x/..%2fadmin", 400, "refuse", "encoded-slash")]
    [InlineData("/closed", 403, "deny", "no-rule")]
    [InlineData("/members", 401, "signIn", "not-signed-in")]
    [InlineData("/.harden/nothing", 404, "answer", "no-such-endpoint")]
    public async Task RequestThatIsNotForwarded_IsOneEntry(string path, int status, string action, string reason)
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => throw new InvalidOperationException("reached"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Access:Rules:0:Paths:0=/members", "Access:Rules:0:Allow=SignedIn");

        var answer = await RawRequest.SendAsync(gateway.Address, $"GET {path}?secret=canary HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
        var view = await gateway.RecordOf(path);

        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        Assert.Equal(EntryStage.Denial, Assert.Single(view.Parts).Stage);
        Assert.Equal((action, reason, status), (view.Entry.Decision!.Action, view.Entry.Decision.Reason, view.Entry.Http!.Status));
    }

    [Fact]
    public async Task PrototypeThatIsDown_IsOnRecordAsFailed()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"), "Prototype:RestartWait=00:00:00");

        using var answer = await gateway.Client.GetAsync("/down");
        var view = await gateway.RecordOf("/down");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal(("fail", "refused", 502), (view.Entry.Decision!.Action, view.Entry.Upstream!.Error, view.Entry.Http!.Status));
    }

    [Theory]
    [InlineData("POST", "/.harden/health/live", 405, "answer")]
    [InlineData("GET", "/.harden/health/other", 404, "answer")]
    [InlineData("TRACE", "/.harden/health/ready", 405, "refuse")]
    public async Task WhatOnlyLooksLikeAHealthProbe_IsOnRecord(string method, string path, int status, string action)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"));
        using var request = new HttpRequestMessage(new(method), path);

        using var answer = await gateway.Client.SendAsync(request);
        var view = await gateway.RecordOf(path);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal((method, status, action), (view.Entry.Http!.Method, view.Entry.Http.Status, view.Entry.Decision!.Action));
    }

    [Fact]
    public async Task HealthProbe_LeavesNoEntryUnlessWanted()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"));
        await using var other = await GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"), "Audit:HealthProbes=true");

        await gateway.Client.GetAsync("/.harden/health/live");
        await other.Client.GetAsync("/.harden/health/live");
        await other.RecordOf("/.harden/health/live");

        await gateway.Client.GetAsync("/.harden/marker");
        await gateway.RecordOf("/.harden/marker");
        Assert.Empty(gateway.Reader().Read(new() { Text = "/.harden/health/live" }));
    }

    [Fact]
    public async Task IntentIsDurable_BeforeThePrototypeSeesTheRequest()
    {
        GatewayUnderTest? gateway = null;
        AuditView? seen = null;
        await using var prototype = await TestPrototype.StartAsync(context =>
        {
            seen = gateway!.Reader().Read(new() { Text = context.Request.Path }).FirstOrDefault();
            return Task.CompletedTask;
        });
        await using (gateway = await GatewayUnderTest.StartAsync(prototype.Address))
            await gateway.Client.GetAsync("/now");

        Assert.Equal((EntryStage.Intent, AuditState.Open), (seen!.Entry.Stage, seen.State));
    }

    [Fact]
    public async Task SecondGatewayOnOneDirectory_IsRefusedWithASentence()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"));

        var (code, _, error) = await GatewayProcess.RunToEndAsync($"--StateDirectory={gateway.State}", "--Prototype:Address=http://127.0.0.1:9", "--Edge:Listen:0=http://127.0.0.1:0");

        Assert.Equal(78, code);
        Assert.Contains("is being written by another process. Stop that gateway", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }
}
