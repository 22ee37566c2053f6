using Harden.Audit;
using Harden.Gateway.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Harden.Gateway.Tests.RateLimits;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Audit;

public sealed class RejectedRequestsTests
{
    [Theory]
    [InlineData("SECRETcanary\r\n\r\n", 400, "invalid-request-line")]
    [InlineData("GET /SECRETcanary HTTP/9.9\r\nHost: app\r\n\r\n", 505, "unrecognized-http-version")]
    [InlineData("GET / HTTP/1.1\r\nHost: app\r\nSECRETcanary\r\n\r\n", 400, "invalid-request-header")]
    [InlineData("GET / HTTP/1.1\r\nHost: SECRET canary\r\n\r\n", 400, "invalid-host-header")]
    [InlineData("GET / HTTP/1.1\r\nHost: app\r\nContent-Length: SECRETcanary\r\n\r\n", 400, "invalid-content-length")]
    public async Task RequestThatTheServerRefuses_IsOnRecordWithoutItsWords(string request, int status, string reason)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"));

        var answer = await RawRequest.SendAsync(gateway.Address, request);
        var view = await Recorded.Until(() => gateway.Reader().Read().FirstOrDefault(), "a record of the refusal");

        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        Assert.Equal((EntryStage.Denial, "refuse", status, "127.0.0.1"), (view.Entry.Stage, view.Entry.Decision!.Action, view.Entry.Http!.Status, view.Entry.Source!.Peer));
        Assert.StartsWith(reason, view.Entry.Decision.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", Recorded.AllText(Path.Combine(gateway.State, "audit")), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task HeadersTooLarge_AreOnRecord()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"));

        var answer = await RawRequest.SendAsync(gateway.Address, $"GET / HTTP/1.1\r\nHost: app\r\nX-Long: {new string('x', 70_000)}\r\n\r\n");
        var view = await Recorded.Until(() => gateway.Reader().Read().FirstOrDefault(), "a record of the refusal");

        Assert.StartsWith("HTTP/1.1 431", answer, StringComparison.Ordinal);
        Assert.Equal(431, view.Entry.Http!.Status);
    }

    [Fact]
    public async Task Flood_IsCountedAndDoesNotFillTheDisk()
    {
        var clock = new JumpingClock();
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri("http://127.0.0.1:9"), builder => builder.Services.AddSingleton<TimeProvider>(clock));
        clock.Stop(); // all of them within one second, however long the machine takes

        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) => await RawRequest.SendAsync(gateway.Address, "junk\r\n\r\n"));
        await Recorded.Until(() => gateway.Reader().Read().Count() + Told(gateway) >= 200 ? "" : null, "notices of those that were only counted");

        Assert.Equal((RejectedRequests.EntriesPerSecond, 200 - RejectedRequests.EntriesPerSecond), (gateway.Reader().Read().Count(), Told(gateway)));

        static long Told(GatewayUnderTest gateway) => gateway.Reader().Notices().Where(static n => n.Entry.Notice!.Reason == RejectedRequests.Reason).Sum(static n => n.Entry.Notice!.Count);
    }

    [Fact]
    public async Task BodyThatTurnsOutBad_IsOnRecordOnce()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);

        await RawRequest.SendAsync(gateway.Address, "POST /bad HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
        await gateway.RecordOf("/bad");
        await gateway.Client.GetAsync("/marker");
        await gateway.RecordOf("/marker");

        Assert.Equal(2, gateway.Reader().Read().Count());
    }
}
