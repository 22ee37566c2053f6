using System.Net;
using Harden.Audit.Tests.Infrastructure;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Harden.Gateway.Tests.Audit;

public sealed class AuditGuaranteeTests
{
    [Fact]
    public async Task StrictOnAFullDisk_ForwardsNothingSaysWhyAndRecovers()
    {
        using var disk = new SmallDisk("6m");
        var reached = 0;
        await using var prototype = await TestPrototype.StartAsync(context =>
        {
            Interlocked.Increment(ref reached);
            return context.Response.WriteAsync("ok");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"StateDirectory={disk.Path}", "Audit:ReserveMiB=1");
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.GetAsync("/before")).StatusCode);

        disk.Fill();
        using var refused = await UntilStatus(gateway, HttpStatusCode.ServiceUnavailable);
        var body = await refused.Content.ReadAsStringAsync();
        Assert.Contains("The disk of the audit log is full.", body, StringComparison.Ordinal);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        var count = reached;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.Client.GetAsync("/refused")).StatusCode);
        Assert.Equal(count, reached);
        Assert.Equal(HealthStatus.Unhealthy, await HealthOf(gateway));

        disk.Free();
        using var again = await UntilStatus(gateway, HttpStatusCode.OK, TimeSpan.FromMilliseconds(100)); // refusals are on record too: without a pause their backlog alone would fill so small a disk again
        Assert.Equal(HealthStatus.Healthy, await HealthOf(gateway));
        var view = await gateway.RecordOf("/refused");
        Assert.Equal(("fail", "audit-unavailable", 503), (view.Entry.Decision!.Action, view.Entry.Decision.Reason, view.Entry.Http!.Status));
    }

    [Fact]
    public async Task StrictOnADiskThatIsFullToTheLastByte_StillSaysThatItIsFull()
    {
        using var disk = new SmallDisk("6m");
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"StateDirectory={disk.Path}", "Audit:ReserveMiB=0"); // as it is once the reserve has been written too

        disk.Fill();
        using var refused = await UntilStatus(gateway, HttpStatusCode.ServiceUnavailable);

        Assert.Contains("The disk of the audit log is full.", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FloodOnAFullDisk_LeavesRoomForTheEndsOfWhatWasForwarded()
    {
        using var disk = new SmallDisk("6m");
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"StateDirectory={disk.Path}", "Audit:ReserveMiB=1", "RateLimits:Defaults=false");
        disk.Fill();
        (await UntilStatus(gateway, HttpStatusCode.ServiceUnavailable)).Dispose();

        for (var i = 0; i < 1000; i++)
            (await gateway.Client.GetAsync("/flood")).Dispose();
        disk.Free();
        (await UntilStatus(gateway, HttpStatusCode.OK, TimeSpan.FromMilliseconds(100))).Dispose();

        var refused = await Recorded.Until(() => gateway.Reader().Read(new() { Reason = "audit-unavailable" }).ToArray() is var found
            && found.Sum(static v => 1 + v.Entry.Decision!.More) >= 1000 ? found : null, "a record of all");
        Assert.InRange(refused.Length, 1, 250); // a tenth of 100 a second, for ten seconds at once
    }

    [Fact]
    public async Task BufferedOnAFullDisk_ForwardsAndSaysSo()
    {
        using var disk = new SmallDisk("6m");
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"StateDirectory={disk.Path}", "Audit:ReserveMiB=1", "Audit:Guarantee=Buffered");

        disk.Fill();
        await Recorded.Until(() =>
        {
            Assert.Equal(HttpStatusCode.OK, gateway.Client.GetAsync("/fills").GetAwaiter().GetResult().StatusCode);
            return HealthOf(gateway).GetAwaiter().GetResult() == HealthStatus.Degraded ? "" : null;
        }, "a degraded gateway that still forwards");
        disk.Free();
        await Recorded.Until(() => HealthOf(gateway).GetAwaiter().GetResult() == HealthStatus.Healthy ? "" : null, "recovery");
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.GetAsync("/after")).StatusCode);
        await gateway.RecordOf("/after");
    }

    private static async Task<HttpResponseMessage> UntilStatus(GatewayUnderTest gateway, HttpStatusCode status, TimeSpan pause = default)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var answer = await gateway.Client.GetAsync("/fills?v=" + new string('x', 900), limit.Token);
            if (answer.StatusCode == status)
                return answer;
            answer.Dispose();
            await Task.Delay(pause, limit.Token);
        }
    }

    private static async Task<HealthStatus> HealthOf(GatewayUnderTest gateway) =>
        (await gateway.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(static check => check.Name == "audit")).Status;
}
