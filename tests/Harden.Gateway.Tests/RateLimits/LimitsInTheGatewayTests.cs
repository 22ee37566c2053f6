using System.Net;
using System.Net.WebSockets;
using Harden.Gateway.Configuration;
using Harden.Gateway.RateLimits;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.RateLimits;

/// <summary>Limits among the other stages: streams, the record, a reload, a restart.</summary>
public sealed class LimitsInTheGatewayTests
{
    private static readonly string[] OneAtOnce =
        ["RateLimits:Defaults=false", "RateLimits:Policies:0:Name=one", "RateLimits:Policies:0:Kind=Concurrency", "RateLimits:Policies:0:By:0=App", "RateLimits:Policies:0:Permits=1"];

    [Fact]
    public async Task WebSocket_HoldsItsPlaceUntilItCloses()
    {
        await using var prototype = await TestPrototype.StartAsync(EchoAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, OneAtOnce);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://{gateway.Address.Authority}/socket"), default);

        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway));
        var buffer = new byte[16];
        await client.SendAsync("hi"u8.ToArray(), WebSocketMessageType.Text, true, default);
        await client.ReceiveAsync(buffer, default);
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway));

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        await EventuallyOkAsync(gateway);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EventStream_HoldsItsPlaceUntilItEnds_WhoeverEndsIt(bool byClient)
    {
        var release = new TaskCompletionSource();
        await using var prototype = await TestPrototype.StartAsync(async context =>
        {
            if (context.Request.Path != "/events")
                return;
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: one\n\n");
            await context.Response.Body.FlushAsync();
            await release.Task.WaitAsync(context.RequestAborted);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, OneAtOnce);
        var answer = await gateway.Client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway));
        if (byClient)
            answer.Dispose();
        else
            release.SetResult();
        await EventuallyOkAsync(gateway);
    }

    [Fact]
    public async Task PlacesOnTrial_MakeNobodyWait_AndTellWhoWouldHaveBeenRefused()
    {
        var (arrived, release) = (new SemaphoreSlim(0), new TaskCompletionSource());
        await using var prototype = await TestPrototype.StartAsync(_ => { arrived.Release(); return release.Task; });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address,
            [.. OneAtOnce, "RateLimits:Policies:0:Queue=1", "RateLimits:Policies:0:ReportOnly=true"]);
        List<Task<HttpResponseMessage>> answers = [];
        for (var i = 0; i < 3; i++)
        {
            answers.Add(gateway.Client.GetAsync($"/{i}"));
            Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(60)), $"request {i} waits");
        }
        release.SetResult();
        foreach (var answer in answers)
            (await answer).Dispose();

        Assert.Null((await gateway.RecordOf("/1")).Entry.Decision!.WouldLimit);
        Assert.Equal("one", (await gateway.RecordOf("/2")).Entry.Decision!.WouldLimit);
    }

    [Fact]
    public async Task ClientThatLeavesAQueue_IsNotOnRecordAsIfItHadPassed()
    {
        var (arrived, release) = (new SemaphoreSlim(0), new TaskCompletionSource());
        await using var prototype = await TestPrototype.StartAsync(_ => { arrived.Release(); return release.Task; });
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, [.. OneAtOnce, "RateLimits:Policies:0:Queue=1"]);
        var running = gateway.Client.GetAsync("/running");
        await arrived.WaitAsync();
        var limiter = gateway.Services.GetRequiredService<RateLimitPolicies>().All.Single().Limiter;
        using (var leaving = new CancellationTokenSource())
        {
            var waiting = gateway.Client.GetAsync("/waiting", leaving.Token);
            await Recorded.Until(() => limiter.Partitions().Any(p => limiter.GetStatistics(p.Name)?.CurrentQueuedCount == 1) ? "" : null, "a request in the queue");
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        var entry = (await gateway.RecordOf("/waiting")).Entry;
        release.SetResult();
        (await running).Dispose();

        Assert.Equal((499, "limit", "left-queue", "one"), (entry.Http!.Status, entry.Decision!.Action, entry.Decision.Reason, entry.Decision.Limit));
    }

    [Fact]
    public async Task Refusal_IsOnRecordWithItsLimit_AndKeepsWhatARuleOnTrialSaid()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address,
            "Access:Default=Anonymous", "Access:Rules:0:Name=soon", "Access:Rules:0:Allow=Nobody", "Access:Rules:0:ReportOnly=true", "RateLimits:Defaults=false",
            "RateLimits:Policies:0:Name=day", "RateLimits:Policies:0:By:0=App", "RateLimits:Policies:0:Kind=Quota", "RateLimits:Policies:0:Permits=1",
            "RateLimits:Policies:1:Name=trial", "RateLimits:Policies:1:By:0=Address", "RateLimits:Policies:1:Kind=Window", "RateLimits:Policies:1:Permits=1", "RateLimits:Policies:1:ReportOnly=true");
        using (await gateway.Client.GetAsync("/first"))
        using (await gateway.Client.GetAsync("/second"))
        {
        }

        var decision = (await gateway.RecordOf("/second")).Entry.Decision!;

        Assert.Equal(("limit", "quota", "day", "soon", "trial"), (decision.Action, decision.Reason, decision.Limit, decision.WouldDeny, decision.WouldLimit));
    }

    [Fact]
    public async Task Reload_KeepsWhatWasCounted_AlsoWhenTheNumbersChange()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        var file = Path.GetTempFileName();
        static string Json(int permits, string kind) =>
            $$"""{ "Access": { "Default": "Anonymous" }, "RateLimits": { "Defaults": false, "Policies": [ { "Name": "p", "By": ["App"], "Kind": "{{kind}}", "Permits": {{permits}} {{(kind == "Quota" ? "" : ", \"Window\": \"1.00:00:00\"")}} } ] } }""";
        foreach (var kind in (string[])["Rate", "Window", "Quota"])
        {
            await File.WriteAllTextAsync(file, Json(2, kind));
            await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"config={file}");
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway));
            Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway));

            await File.WriteAllTextAsync(file, Json(kind == "Rate" ? 2 : 3, kind) + "\n");
            ((IConfigurationRoot)gateway.Services.GetRequiredService<IConfiguration>()).Reload();

            if (kind != "Rate")
                Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway)); // the third
            Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway));
        }
        File.Delete(file);
    }

    [Fact]
    public async Task Quota_SurvivesARestart_AndAMangledFileBeginsAnew()
    {
        var settings = LimitsUnderTest.Policy(0, "Name=day", "By:0=Subject", "By:1=Header", "Header=X-Customer", "Kind=Quota", "Permits=3");
        var state = Directory.CreateTempSubdirectory("harden-quota-").FullName;
        await using (var first = await LimitsUnderTest.StartAsync(static _ => { }, state, settings))
        {
            Assert.True(await first.PassesAsync("/", "t/ada", "a \"b\""));
            Assert.True(await first.PassesAsync("/", "t/ada", "a \"b\""));
        }
        await using (var second = await LimitsUnderTest.StartAsync(static _ => { }, state, settings))
        {
            Assert.True(await second.PassesAsync("/", "t/ada", "a \"b\""));
            Assert.False(await second.PassesAsync("/", "t/ada", "a \"b\""));
            Assert.True(await second.PassesAsync("/", "t/ada", "other"));
        }
        var file = Path.Combine(state, "limits", "quota-day.jsonl");
        await File.WriteAllTextAsync(file, (await File.ReadAllLinesAsync(file))[0] + "\n[what");
        await using (var third = await LimitsUnderTest.StartAsync(static _ => { }, state, settings))
            Assert.True(await third.PassesAsync("/", "t/ada", "a \"b\""));
        Directory.Delete(state, recursive: true);
    }

    [Theory]
    [InlineData("Permits=5|Weight=6", "RateLimits:Policies:0:Weight = \"6\": is more than the 5 permits")]
    [InlineData("Permits=5|Routes:0:Paths:0=/chat/**|Routes:0:Weight=20", "RateLimits:Policies:0:Routes:0:Weight = \"20\": is more than the 5 permits")]
    [InlineData("Permits=5|Routes:0:Weight=2", "RateLimits:Policies:0:Routes:0:Paths: is needed")]
    [InlineData("Permits=5|By:0=Route", "RateLimits:Policies:0:By: says Route, but the policy names none")]
    [InlineData("Permits=5|By:0=Header", "RateLimits:Policies:0:Header: and By must agree")]
    [InlineData("Permits=5|By:0=Header|Header=cookie", "RateLimits:Policies:0:Header = \"cookie\": carries credentials")]
    [InlineData("Permits=5|By:0=Header|Header=X-Forwarded-For", "RateLimits:Policies:0:Header = \"X-Forwarded-For\": is taken out of every request")]
    [InlineData("Permits=5|By:0=App|By:1=Subject", "RateLimits:Policies:0:By: combines App")]
    [InlineData("Permits=5|By:0=Subject|By:1=Subject", "RateLimits:Policies:0:By: names the same owner twice")]
    [InlineData("Permits=5|By:0=Somebody", "RateLimits:Policies:0:By:0 = \"Somebody\": must be one of Address, Subject, ApiKey")]
    [InlineData("Permits=5|By=Subject", "RateLimits:Policies:0:By = \"Subject\": is a single value where a list is expected")]
    [InlineData("Permits=5|Kind=Quota|Window=00:01:00", "RateLimits:Policies:0:Window = \"00:01:00\": has no meaning for Kind Quota")]
    [InlineData("Permits=5|Methods:0=GTE", "RateLimits:Policies:0:Methods:0 = \"GTE\": is not an HTTP method. Did you mean GET?")]
    [InlineData("Permits=5|Routes:0:Paths:0=/a|Routes:0:Methods:0=PSOT", "RateLimits:Policies:0:Routes:0:Methods:0 = \"PSOT\": is not an HTTP method. Did you mean POST?")]
    [InlineData("Permits=5|Routes:0:Paths:0=/a/**|Routes:0:Methods:0=GET|Routes:1:Paths:0=/a/b|Routes:1:Methods:0=HEAD", "RateLimits:Policies:0:Routes:1: can never decide")]
    [InlineData("Permits=5|By:0=Subject|Paths:0=/.harden/signin", "RateLimits:Policies:0:Paths: are all Harden's own")]
    [InlineData("Permits=5|Kind=Window|Burst=9", "RateLimits:Policies:0:Burst = \"9\": has no meaning for Kind Window")]
    [InlineData("Permits=1|Window=1.00:00:00|Burst=10000", "RateLimits:Policies:0:Burst = \"10000\": would take more than a year")]
    public void Mistakes_AreRefusedWithWhatToDo(string settings, string problem)
    {
        var builder = ConfigurationStage.CreateBuilder([.. LimitsUnderTest.Policy(0, ["Name=p", .. settings.Split('|')]).Select(static s => "--" + s)]);
        builder.AddRateLimits();

        var refused = Assert.Throws<ConfigurationException>(builder.LoadConfiguration);

        Assert.Contains(refused.Problems, p => p.ToString().StartsWith(problem, StringComparison.Ordinal));
    }

    private static Task EchoAsync(HttpContext context) => context.Request.Path == "/socket" ? ServerSocket.EchoOnceAsync(context) : Task.CompletedTask;

    private static async Task EventuallyOkAsync(GatewayUnderTest gateway)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await StatusAsync(gateway) != HttpStatusCode.OK)
            await Task.Delay(20, patience.Token);
    }

    private static async Task<HttpStatusCode> StatusAsync(GatewayUnderTest gateway)
    {
        using var answer = await gateway.Client.GetAsync("/");
        return answer.StatusCode;
    }
}
