using System.Net;
using System.Text.Json;
using Harden.Gateway.RateLimits;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Identity;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.RateLimits;

public sealed class LimitsManagementTests
{
    private static readonly string[] Settings =
    [
        "RateLimits:Defaults=false",
        "RateLimits:Policies:0:Name=one", "RateLimits:Policies:0:By:0=Address", "RateLimits:Policies:0:Permits=1", "RateLimits:Policies:0:Window=1.00:00:00",
        "RateLimits:Policies:1:Name=trial", "RateLimits:Policies:1:By:0=App", "RateLimits:Policies:1:Permits=1", "RateLimits:Policies:1:Kind=Quota", "RateLimits:Policies:1:ReportOnly=true",
    ];

    [Fact]
    public async Task Report_NamesConsumersAndRefused_AndAResetIsOnRecord()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, Settings);
        using var admin = Administrator(gateway);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway));

        using var report = JsonDocument.Parse(await admin.GetStringAsync("/limits.json"));
        var one = report.RootElement.GetProperty("policies")[0];
        var refused = one.GetProperty("refused")[0];
        Assert.Equal(("one", "1 in 24 h, bursts of 1", 1L, 2L), (one.GetProperty("name").GetString(), one.GetProperty("allows").GetString(), one.GetProperty("accepted").GetInt64(), one.GetProperty("denied").GetInt64()));
        Assert.Equal(("127.0.0.1", 1L, 2L), (refused.GetProperty("name").GetString(), refused.GetProperty("used").GetInt64(), refused.GetProperty("denied").GetInt64()));

        using var reset = await admin.PostAsync("/limits/reset?policy=one&partition=127.0.0.1", null);
        Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway));
        var record = await gateway.RecordOf("/limits/reset");
        Assert.Equal("limit one 127.0.0.1", record.Entry.Decision!.Target);
        Assert.Equal("local", record.Entry.Actor!.Tenant);
    }

    [Theory]
    [InlineData("/limits/reset?policy=one&partition=10.0.0.1", HttpStatusCode.NotFound, "counts nothing for \\u002210.0.0.1\\u0022")]
    [InlineData("/limits/reset?policy=two&partition=10.0.0.1", HttpStatusCode.NotFound, "There are one, trial.")]
    [InlineData("/limits/reset?policy=one", HttpStatusCode.BadRequest, "Say which")]
    public async Task ResetOfNothing_SaysWhatIsWrong(string target, HttpStatusCode status, string sentence)
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, Settings);
        using var admin = Administrator(gateway);

        using var answer = await admin.PostAsync(target, null);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_ShowsWhatTheReportSays_AndItsButtonResets()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, Settings);
        using var admin = Administrator(gateway);
        admin.DefaultRequestHeaders.Add("Sec-Fetch-Mode", "navigate");
        await StatusAsync(gateway);
        await StatusAsync(gateway);

        var page = await admin.GetStringAsync("/limits");
        Assert.Contains("<code>127.0.0.1</code>", page, StringComparison.Ordinal);
        Assert.Contains("on trial", page, StringComparison.Ordinal);
        Assert.Contains("0 would have been refused", page, StringComparison.Ordinal);

        using var pressed = await admin.PostAsync("/limits/reset", new FormUrlEncodedContent([new("policy", "one"), new("partition", "127.0.0.1")]));
        Assert.Equal((HttpStatusCode.SeeOther, "/limits"), (pressed.StatusCode, pressed.Headers.Location?.OriginalString));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway));
    }

    [Fact]
    public async Task ResetWithoutBeingAdministrator_ChangesNothing()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, Settings);
        await StatusAsync(gateway);
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = gateway.Console };

        using var answer = await stranger.PostAsync("/limits/reset?policy=one&partition=127.0.0.1", null);
        using var read = await stranger.GetAsync("/limits.json");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, read.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway));
    }

    [Fact]
    public async Task Console_HasALimitOfItsOwn()
    {
        await using var prototype = await TestPrototype.StartAsync(static _ => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address);
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = gateway.Console };

        using var console = await stranger.GetAsync("/");
        using var app = await gateway.Client.GetAsync("/");

        Assert.Equal("\"default-console\";q=1000;w=1", console.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Equal(["\"default-address\";q=1000;w=1", "\"default-subject\";q=500;w=1"], app.Headers.GetValues("RateLimit-Policy"));
    }

    [Fact]
    public async Task ButtonOfThePage_NeedsAnAdministratorOnTheConsolesOwnPage()
    {
        await using var test = await EntraUnderTest.StartAsync(Settings);
        Uri limits = new(test.Gateway.Console, "/limits"), reset = new(test.Gateway.Console, "/limits/reset");
        (string, string)[] counter = [("policy", "trial"), ("partition", "app")];
        using var reviewer = new TestBrowser(test.Gateway.Console);
        using var admin = new TestBrowser(test.Gateway.Console);
        await reviewer.SignInAsync("reviewer", "/limits");
        await admin.SignInAsync("admin", "/limits");
        test.Gateway.Services.GetRequiredService<RateLimitPolicies>().All.First(static p => p.Options.Name == "trial").Limiter.AttemptAcquire(default);

        using var looked = await reviewer.NavigateAsync(limits.AbsoluteUri);
        Assert.DoesNotContain("/limits/reset", await looked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var refused = await reviewer.SubmitAsync(reset, counter);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, reset) { Content = new FormUrlEncodedContent([new("policy", "trial"), new("partition", "app")]) };
        foreign.Headers.Add("Origin", test.Gateway.Address.GetLeftPart(UriPartial.Authority));
        foreign.Headers.Add("Sec-Fetch-Site", "same-site"); // a page of the app, on the same host
        using var ridden = await admin.SendAsync(foreign, navigate: true, follow: false);
        Assert.Equal(HttpStatusCode.Forbidden, ridden.StatusCode);
        using var shown = await admin.NavigateAsync(limits.AbsoluteUri);
        Assert.Contains("<td role=\"cell\" class=\"number\" data-label=\"In use\">1</td>", await shown.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var done = await admin.SubmitAsync(reset, counter);

        Assert.Equal((HttpStatusCode.OK, "/limits"), (done.StatusCode, admin.Location?.AbsolutePath));
        Assert.Equal("de000000-0000-4000-8000-0000000000a1", (await Recorded.Until(
            () => test.Gateway.Reader().Read(new() { Text = "/limits/reset" }).FirstOrDefault(static v => v.Entry.Http?.Status == 303), "the reset")).Entry.Actor!.Subject);
    }

    private static HttpClient Administrator(GatewayUnderTest gateway)
    {
        using var contact = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(gateway.State, "run", "management.json")));
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = gateway.Console };
        client.DefaultRequestHeaders.Authorization = new("Bearer", contact.RootElement.GetProperty("key").GetString());
        return client;
    }

    private static async Task<HttpStatusCode> StatusAsync(GatewayUnderTest gateway)
    {
        using var answer = await gateway.Client.GetAsync("/");
        return answer.StatusCode;
    }
}
