using System.Collections.Concurrent;
using Harden.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Audit;

public sealed class AuditCrashTests
{
    [Fact]
    public async Task KilledUnderLoad_EveryRequestThePrototypeSawHasAnIntent()
    {
        var seen = new ConcurrentDictionary<string, bool>();
        await using var prototype = await TestPrototype.StartAsync(context =>
        {
            seen[context.Request.Path.Value!] = true;
            return context.Response.WriteAsync("ok");
        });
        var state = Directory.CreateTempSubdirectory("harden-test-");
        var number = 0;
        const int rounds = 3;
        for (var round = 0; round < rounds; round++)
        {
            using var gateway = await GatewayProcess.StartAsync($"--StateDirectory={state.FullName}", $"--Prototype:Address={prototype.Address}", "--Access:Default=Anonymous");
            using var client = new HttpClient { BaseAddress = gateway.Address, Timeout = TimeSpan.FromSeconds(30) };
            var before = seen.Count;
            var load = Enumerable.Range(0, 32).Select(async _ =>
            {
                while (true)
                {
                    try
                    {
                        using var answer = await client.GetAsync($"/n/{Interlocked.Increment(ref number)}");
                    }
                    catch (HttpRequestException)
                    {
                        return; // killed
                    }
                }
            }).ToArray();
            await Recorded.Until(() => seen.Count > before + 300 ? "" : null, "300 requests at the prototype");
            await gateway.KillAsync();
            await Task.WhenAll(load);
        }

        var views = new AuditReader(Path.Combine(state.FullName, "audit")).Read().ToArray();
        var recorded = views.Select(static v => v.Entry.Http!.Path).ToHashSet();

        Assert.DoesNotContain(seen.Keys, path => !recorded.Contains(path));
        Assert.Contains(views, static v => v.State == AuditState.Interrupted);
        Assert.DoesNotContain(views, static v => v.State == AuditState.Open);
        Assert.True(seen.Count >= rounds * 300);
        state.Delete(recursive: true);
    }
}
