using System.Net;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Identity;

/// <summary>Two gateways as processes of their own, because only a process can be killed.</summary>
public sealed class ReplicaCrashTests
{
    [Fact]
    public async Task KilledReplica_TakesNobodysSignInWithIt_AndAnotherRevokes()
    {
        await using var entra = await EntraUnderTest.StartEntraAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var prototype = await TestPrototype.StartAsync(static async context =>
        {
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            if (context.Request.Path == "/events")
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        var states = new[] { Directory.CreateTempSubdirectory("harden-replica-"), Directory.CreateTempSubdirectory("harden-replica-") };
        try
        {
            string[] settings =
            [
                $"--AzureAd:Instance={entra.Urls.First()}/", "--AzureAd:ClientSecret=of the tests", $"--Prototype:Address={prototype.Address}",
                $"--ConnectionStrings:redis={redis.ConnectionString}", "--Access:Default=SignedIn", "--Session:StoreTimeout=00:00:05",
            ];
            using var first = await GatewayProcess.StartAsync([.. settings, $"--StateDirectory={states[0].FullName}"]);
            using var second = await GatewayProcess.StartAsync([.. settings, $"--StateDirectory={states[1].FullName}"]);
            using var browser = new TestBrowser(first.Address);
            using (var signedIn = await browser.SignInAsync("member"))
                Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
            using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false });
            await using var here = await OpenAsync(http, first.Address, browser);
            await using var there = await OpenAsync(http, second.Address, browser);

            await first.KillAsync();

            await Replicas.EndedAsync(here);
            using (var elsewhere = await SendAsync(http, HttpMethod.Get, new(second.Address, "/"), browser))
                Assert.Equal(HttpStatusCode.OK, elsewhere.StatusCode);

            using (var revoked = await RevokeAsync(http, states[1].FullName, browser))
                Assert.Equal("""{"ended":1}""", await revoked.Content.ReadAsStringAsync());
            await Replicas.EndedAsync(there);
            using (var nobody = await SendAsync(http, HttpMethod.Get, new(second.Address, "/"), browser))
                Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);

            using var third = await GatewayProcess.StartAsync([.. settings, $"--StateDirectory={states[0].FullName}"]); // the first again
            using (var nobody = await SendAsync(http, HttpMethod.Get, new(third.Address, "/"), browser))
                Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        }
        finally
        {
            foreach (var state in states)
                state.Delete(recursive: true);
        }
    }

    private static async Task<Stream> OpenAsync(HttpClient http, Uri gateway, TestBrowser browser)
    {
        var answer = await SendAsync(http, HttpMethod.Get, new(gateway, "/events"), browser);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var stream = await answer.Content.ReadAsStreamAsync();
        Assert.True(await stream.ReadAsync(new byte[64]) > 0);
        return stream;
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient http, HttpMethod method, Uri target, TestBrowser browser)
    {
        var request = new HttpRequestMessage(method, target);
        request.Headers.Add("Cookie", $"__Host-harden={Replicas.HandleOf(browser)}");
        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<HttpResponseMessage> RevokeAsync(HttpClient http, string state, TestBrowser browser)
    {
        using var contact = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(state, "run", "management.json")));
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(new(contact.RootElement.GetProperty("address").GetString()!), $"/sessions/{SessionKey.Of(Replicas.HandleOf(browser)).Id}"));
        request.Headers.Authorization = new("Bearer", contact.RootElement.GetProperty("key").GetString());
        return await http.SendAsync(request);
    }
}
