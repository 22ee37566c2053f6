using System.Net;
using System.Text.Json;
using Harden.Gateway.Tests.Audit;
using Harden.Gateway.Tests.Identity;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Access;

/// <summary>What access leaves behind: counts by rule, and reasons on record.</summary>
public sealed class AccessRecordTests
{
    [Fact]
    public async Task RulesOnTrial_AreCountedEachByItsName()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("the app"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address,
            "Access:Rules:0:Name=trial-1", "Access:Rules:0:Roles:0=A", "Access:Rules:0:ReportOnly=true",
            "Access:Rules:1:Name=trial-2", "Access:Rules:1:Allow=Nobody", "Access:Rules:1:ReportOnly=true",
            "Access:Rules:2:Name=closed", "Access:Rules:2:Paths:0=/closed", "Access:Rules:2:Allow=Nobody", "Access:Default=Anonymous");
        using (var passed = await gateway.Client.GetAsync("/x"))
            Assert.Equal(HttpStatusCode.OK, passed.StatusCode);
        using (var refused = await gateway.Client.GetAsync("/closed"))
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        var metrics = await gateway.Client.GetStringAsync(new Uri(gateway.Console, "/metrics"));
        var counts = metrics.Split('\n').Where(static line => line.StartsWith("harden_access_denied_total{", StringComparison.Ordinal)).ToArray();

        Assert.Equal(3, counts.Length);
        Assert.Contains(counts, static line => line.Contains("rule=\"trial-1\"", StringComparison.Ordinal) && line.Contains("report_only=\"true\"", StringComparison.Ordinal) && line.EndsWith(" 2", StringComparison.Ordinal));
        Assert.Contains(counts, static line => line.Contains("rule=\"trial-2\"", StringComparison.Ordinal) && line.EndsWith(" 2", StringComparison.Ordinal));
        Assert.Contains(counts, static line => line.Contains("rule=\"closed\"", StringComparison.Ordinal) && line.Contains("report_only=\"false\"", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal));
        Assert.Equal(("default", "trial-1"), await DecisionAsync(gateway, "/x"));
    }

    [Fact]
    public async Task TooManyGroups_IsExplainedToProgramsToo_AndOnRecord()
    {
        await using var test = await EntraUnderTest.StartAsync("Access:Rules:0:Name=team", "Access:Rules:0:Groups:0=de000000-0000-4000-8000-0000000a0001", "Access:Default=SignedIn");
        using var browser = await SignInAsync(test, "groups");

        using var answer = await browser.FetchAsync("/x");
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode); // in the group, as it happens: what can't be checked is refused
        Assert.Contains("too many groups", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("app role", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(("group-overage", null), await DecisionAsync(test.Gateway, "/x"));
    }

    // The sign-in itself ends at a page that refuses.
    private static async Task<TestBrowser> SignInAsync(EntraUnderTest test, string persona)
    {
        var browser = test.Browser();
        using var refused = await browser.SignInAsync(persona);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        return browser;
    }

    private static async Task<(string, string?)> DecisionAsync(GatewayUnderTest gateway, string path)
    {
        var entry = (await Recorded.Until(() => gateway.Reader().Read(new() { Text = path }).FirstOrDefault(v => v.Entry.Http?.Path == path && v.Entry.Decision?.Reason is { Length: > 0 }), $"a record of {path}")).Entry;
        return (entry.Decision!.Reason, entry.Decision.WouldDeny);
    }
}
