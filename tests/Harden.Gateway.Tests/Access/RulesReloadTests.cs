using System.Net;
using Harden.Gateway.Configuration;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Identity;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Harden.Gateway.Tests.Access;

/// <summary>Rules that change while something runs that they let in.</summary>
public sealed class RulesReloadTests
{
    private static readonly string[] Rules =
    [
        "Access:Rules:0:Name=open", "Access:Rules:0:Paths:0=/open/**", "Access:Rules:0:Allow=Anonymous",
        "Access:Rules:1:Name=recent", "Access:Rules:1:Paths:0=/recent/**", "Access:Rules:1:MaxAge=00:10:00",
        "Access:Rules:2:Name=team",
    ];

    [Fact]
    public async Task TightenedRule_EndsWhatItNoLongerAllows_AndNothingElse()
    {
        await using var test = await EntraUnderTest.StartAsync(RunAsync, null, Rules);
        using var browser = await test.SignInAsync("member");
        var handle = Replicas.HandleOf(browser);
        await using var theirs = await OpenAsync(test.Gateway, "/theirs", handle);
        await using var open = await OpenAsync(test.Gateway, "/open/stream", null);

        Reload(test.Gateway, ("Access:Rules:2:Roles:0", "Admin"));

        await Replicas.EndedAsync(theirs);
        var entry = (await test.Gateway.RecordOf("/theirs")).Entry;
        Assert.Equal(("deny", "rules-changed", "team"), (entry.Decision!.Action, entry.Decision.Reason, entry.Decision.Rule));
        var first = open.ReadAsync(new byte[1]).AsTask();

        Reload(test.Gateway, ("Access:Rules:0:Allow", "SignedIn")); // what went on is judged the next time too

        await Assert.ThrowsAnyAsync<IOException>(() => first.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("rules-changed", (await test.Gateway.RecordOf("/open/stream")).Entry.Decision!.Reason);
    }

    [Fact]
    public async Task StreamIsJudgedAsOfWhenItCame()
    {
        var time = new ManualTime();
        await using var test = await EntraUnderTest.StartAsync(RunAsync, builder => builder.Services.AddSingleton<TimeProvider>(time), Rules);
        using var browser = await test.SignInAsync("member");
        await using var recent = await OpenAsync(test.Gateway, "/recent/stream", Replicas.HandleOf(browser));
        await using var other = await OpenAsync(test.Gateway, "/other", Replicas.HandleOf(browser));
        time.Advance(TimeSpan.FromMinutes(20)); // the sign-in would be too old now

        Reload(test.Gateway, ("Access:Rules:2:Roles:0", "Admin"));
        await Replicas.EndedAsync(other);

        Assert.False(recent.ReadAsync(new byte[1]).IsCompleted);
    }

    private static async Task RunAsync(HttpContext context)
    {
        await context.Response.WriteAsync("x");
        await context.Response.Body.FlushAsync();
        if (context.Request.Path != "/")
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<Stream> OpenAsync(GatewayUnderTest gateway, string path, string? handle)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (handle is not null)
            request.Headers.Add("Cookie", $"__Host-harden={handle}");
        var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var stream = await answer.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[1]);
        return stream;
    }

    private static void Reload(GatewayUnderTest gateway, (string Key, string Value) change)
    {
        gateway.Services.GetRequiredService<IConfiguration>()[change.Key] = change.Value;
        gateway.Services.GetRequiredService<HardenConfiguration>().Load();
    }
}
