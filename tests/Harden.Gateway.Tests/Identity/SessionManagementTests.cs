using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Harden.Gateway.Identity.Sessions;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Infrastructure;

namespace Harden.Gateway.Tests.Identity;

/// <summary>Sessions as administrators see and end them.</summary>
public sealed class SessionManagementTests
{
    private const string Member = EntraUnderTest.Tenant + "/de000000-0000-4000-8000-0000000000a3";

    [Fact]
    public async Task List_SaysWho_AndNothingThatOpensASession()
    {
        await using var replicas = await Replicas.StartAsync();
        using var member = await replicas.SignInAsync();
        using var admin = await replicas.SignInAsync("admin");

        var (status, body) = await AskAsync(replicas.Other, HttpMethod.Get, "/sessions.json", admin);
        using var list = JsonDocument.Parse(body);
        var row = list.RootElement.GetProperty("sessions").EnumerateArray().Single(static s => s.GetProperty("subject").GetString() == Member);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(SessionKey.Of(Replicas.HandleOf(member)).Id, row.GetProperty("id").GetString());
        Assert.Equal(("Max Member", "session"), (row.GetProperty("name").GetString(), row.GetProperty("scheme").GetString()));
        Assert.InRange(row.GetProperty("lastUsed").GetDateTimeOffset(), row.GetProperty("signedIn").GetDateTimeOffset().AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.DoesNotContain(Replicas.HandleOf(member), body, StringComparison.Ordinal);
        Assert.DoesNotContain("oken", body, StringComparison.Ordinal);

        var (_, first) = await AskAsync(replicas.One, HttpMethod.Get, "/sessions.json?count=1", admin);
        using var page = JsonDocument.Parse(first);
        Assert.Equal(1, page.RootElement.GetProperty("sessions").GetArrayLength());
        Assert.NotNull(page.RootElement.GetProperty("next").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(replicas.One, HttpMethod.Get, "/sessions.json?after=x", admin)).Status);
    }

    [Fact]
    public async Task RevokedSession_EndsAtBoth_AndTheRecordNamesIt()
    {
        await using var replicas = await Replicas.StartAsync();
        using var member = await replicas.SignInAsync();
        using var same = await replicas.SignInAsync();
        using var admin = await replicas.SignInAsync("admin");
        await using var stream = await Replicas.OpenStreamAsync(replicas.One, Replicas.HandleOf(member));
        var id = SessionKey.Of(Replicas.HandleOf(member)).Id;

        Assert.Equal((HttpStatusCode.OK, """{"ended":1}"""), await AskAsync(replicas.Other, HttpMethod.Delete, $"/sessions/{id}", admin));

        await Replicas.EndedAsync(stream);
        Assert.Equal("session-revoked", (await replicas.One.RecordOf("/events")).Entry.Decision!.Reason);
        await Replicas.UntilAsync(replicas.One, Replicas.HandleOf(member), HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.One, Replicas.HandleOf(same)));
        var entry = (await replicas.Other.RecordOf("/sessions/")).Entry;
        Assert.Equal(("session-revoked", $"session {id}", "de000000-0000-4000-8000-0000000000a1"), (entry.Decision!.Reason, entry.Decision.Target, entry.Actor!.Subject));
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(replicas.Other, HttpMethod.Delete, $"/sessions/{id}", admin)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(replicas.Other, HttpMethod.Delete, "/sessions/x", admin)).Status);
    }

    [Fact]
    public async Task RevokedSubject_LosesEverySession_AndTheRecordNamesThem()
    {
        await using var replicas = await Replicas.StartAsync();
        using var one = await replicas.SignInAsync();
        using var two = await replicas.SignInAsync();
        using var admin = await replicas.SignInAsync("admin");

        Assert.Equal((HttpStatusCode.OK, """{"ended":2}"""), await AskAsync(replicas.Other, HttpMethod.Delete, $"/subjects/{Member}", admin));

        await Replicas.UntilAsync(replicas.One, Replicas.HandleOf(one), HttpStatusCode.Unauthorized);
        await Replicas.UntilAsync(replicas.One, Replicas.HandleOf(two), HttpStatusCode.Unauthorized);
        Assert.Equal($"subject {Member}", (await replicas.Other.RecordOf("/subjects/")).Entry.Decision!.Target);
        using var again = await replicas.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, Replicas.HandleOf(again)));
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(replicas.Other, HttpMethod.Delete, "/subjects/max@contoso.example", admin)).Status);
    }

    [Theory]
    [InlineData("member", "GET", 403)]
    [InlineData("reviewer", "GET", 200)]
    [InlineData("reviewer", "DELETE", 403)]
    [InlineData("member", "DELETE", 403)]
    public async Task WithoutTheRole_NobodyRevokes(string persona, string method, int expected)
    {
        await using var test = await EntraUnderTest.StartAsync();
        using var victim = await test.SignInAsync("member");
        using var browser = await test.SignInAsync(persona);

        var path = method == "GET" ? "/sessions.json" : $"/sessions/{SessionKey.Of(Replicas.HandleOf(victim)).Id}";
        Assert.Equal(expected, (int)(await AskAsync(test.Gateway, new(method), path, browser)).Status);
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(test.Gateway, Replicas.HandleOf(victim)));
    }

    [Fact]
    public async Task RevocationWhileRedisHangs_SaysSo_AndIsCarriedOutLater()
    {
        await using var replicas = await Replicas.StartAsync("Session:OnStoreFailure=Local");
        using var member = await replicas.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, await Replicas.StatusAsync(replicas.Other, Replicas.HandleOf(member)));
        using var contact = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(replicas.One.State, "run", "management.json")));

        replicas.Redis.Freeze();
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(replicas.One.Console, $"/subjects/{Member}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", contact.RootElement.GetProperty("key").GetString());
        using (var answer = await replicas.One.Client.SendAsync(request))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await Replicas.StatusAsync(replicas.One, Replicas.HandleOf(member)));
        replicas.Redis.Thaw();

        await Replicas.UntilAsync(replicas.Other, Replicas.HandleOf(member), HttpStatusCode.Unauthorized);
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(GatewayUnderTest gateway, HttpMethod method, string path, TestBrowser browser)
    {
        using var request = new HttpRequestMessage(method, new Uri(gateway.Console, path));
        request.Headers.Add("Cookie", $"__Host-harden={Replicas.HandleOf(browser)}");
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var answer = await gateway.Client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
