using Harden.Audit;
using Harden.Gateway.Configuration;
using Harden.Gateway.Tests.Differencing;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Harden.Gateway.Tests.Audit.Policy;

public sealed class AuditPolicyTests
{
    [Fact]
    public async Task RequestsWithoutARecord_AreCountedAndExplained()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        var state = Directory.CreateTempSubdirectory("harden-test-");
        try
        {
            using (var gateway = await GatewayProcess.StartAsync($"--StateDirectory={state.FullName}", $"--Prototype:Address={prototype.Address}", "--Access:Default=Anonymous",
                "--Audit:Rules:0:Paths:0=/static/**", "--Audit:Rules:0:Level=None", "--Audit:Rules:0:Reason=Pictures of the shop window.", "--Audit:Rules:0:Name=pictures"))
            {
                using var http = new HttpClient { BaseAddress = gateway.Address };
                for (var i = 0; i < 3; i++)
                    Assert.Equal("ok", await http.GetStringAsync("/static/a.png"));
                Assert.Equal("ok", await http.GetStringAsync("/other"));
                await gateway.StopAsync();
            }

            var reader = new AuditReader(Path.Combine(state.FullName, "audit"));
            Assert.Equal(["/other"], reader.Read().Select(static v => v.Entry.Http!.Path));
            var notices = reader.Notices().Select(static n => n.Entry.Notice!).Where(static n => n.Reason == "policy-none").ToArray();
            Assert.Equal([3, 0], notices.Select(static n => n.Count));
            Assert.All(notices, static n => Assert.Contains("\"pictures\"", n.Detail, StringComparison.Ordinal));
            Assert.All(notices, static n => Assert.Contains("Pictures of the shop window.", n.Detail, StringComparison.Ordinal));
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task RefusalBelowALevelOfNone_IsOnRecord()
    {
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, "Audit:Rules:0:Level=None", "Audit:Rules:0:Reason=a test", "Access:Default=Nobody");

        await gateway.Client.GetAsync("/refused");

        Assert.Equal("deny", (await gateway.RecordOf("/refused")).Entry.Decision!.Action);
    }

    [Fact]
    public async Task RulesAreReloaded()
    {
        await using var prototype = await TestPrototype.StartAsync(static context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("[1]");
        });
        var file = Path.Combine(Directory.CreateTempSubdirectory("harden-test-").FullName, "harden.json");
        await File.WriteAllTextAsync(file, """{ "Access": { "Default": "Anonymous" } }""");
        await using var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"config={file}");
        await gateway.Client.GetAsync("/before");
        Assert.Equal("level", (await gateway.RecordOf("/before")).Entry.Body!.Response!.NotCaptured);

        await File.WriteAllTextAsync(file, """{ "Access": { "Default": "Anonymous" }, "Audit": { "Rules": [ { "Name": "new", "Level": "RequestResponse" } ] } }""");

        await Recorded.Until(
            () =>
            {
                gateway.Client.GetAsync("/after").GetAwaiter().GetResult();
                return gateway.Reader().Read(new() { Text = "/after" }).FirstOrDefault(static v => v.Entry.Body?.Rule == "new" && v.Entry.Body.Response!.Ref.Length > 0);
            },
            "the new rule");
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Theory]
    [InlineData("""{ "Level": "None" }""", "Audit:Rules:0:Reason", "must say why")]
    [InlineData("""{ "Level": "None", "Reason": "x", "Statuses": ["200"] }""", "Audit:Rules:0:Level", "can't be None together with Statuses")]
    [InlineData("""{ "Reason": "x" }""", "Audit:Rules:0:Reason", "belongs to level None only")]
    [InlineData("""{ "Statuses": ["2x", "600"] }""", "Audit:Rules:0:Statuses:1", "such as 401 or a class")]
    [InlineData("""{ "ContentTypes": ["json"] }""", "Audit:Rules:0:ContentTypes:0", "such as application/json")]
    [InlineData("""{ "Paths": ["x"] }""", "Audit:Rules:0:Paths:0", "must begin with a slash")]
    [InlineData("""{ "Schemes": ["magic"] }""", "Audit:Rules:0:Schemes:0", "must be one of session, bearer, apikey")]
    [InlineData("""{ "Subjects": ["ada"] }""", "Audit:Rules:0:Subjects:0", "a tenant id and an object id")]
    [InlineData("""{ "Anonymous": true, "Roles": ["A"] }""", "Audit:Rules:0:Anonymous", "contradicts")]
    [InlineData("""{ "Limit": 2000000 }""", "Audit:Rules:0:Limit", "between 256 and 1048576")]
    [InlineData("""{ "Statuses": ["500"], "QueryKeys": ["a"] }""", "Audit:Rules:0", "can't have QueryKeys")]
    [InlineData("""{ "RequestHeaders": ["Cookie"] }""", "Audit:Rules:0:RequestHeaders:0", "carries credentials")]
    [InlineData("""{ "Bodies": { "JsonPointers": ["x"] } }""", "Audit:Rules:0:Bodies:JsonPointers:0", "must be a JSON pointer")]
    [InlineData("""{ "Name": "a" }, { "Name": "b", "Paths": ["/x/**"] }""", "Audit:Rules:1", "decided by \"a\" before")]
    [InlineData("""{ "Statuses": ["5xx"] }, { "Statuses": ["503"] }""", "Audit:Rules:1", "can never decide")]
    [InlineData("""{ "ContentTypes": ["text/*"] }, { "ContentTypes": ["text/html"] }""", "Audit:Rules:1", "can never decide")]
    [InlineData("""{ "Anonymous": false }, { "Roles": ["A"] }""", "Audit:Rules:1", "can never decide")]
    [InlineData("""{ "Methods": ["PSOT"] }""", "Audit:Rules:0:Methods:0", "Did you mean POST?")]
    [InlineData("""{ "Name": "a", "Paths": ["/a"] }, { "Name": "a", "Paths": ["/b"] }""", "Audit:Rules:1:Name", "name of an earlier rule too")]
    [InlineData("""{ "Statuses": ["5xx"], "Name": "errors" }, { "Level": "None", "Reason": "x" }""", "Audit:Rules:1", "must stand before \"errors\"")]
    public void RuleThatCannotBeMeant_IsRefused(string rules, string key, string mend)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $$"""{ "Audit": { "Rules": [ {{rules}} ] } }""");
            var e = Assert.Throws<ConfigurationException>(() => Program.Build(ConfigurationStage.CreateBuilder(["--config", file, "--environment", "Development", "--Prototype:Address=http://127.0.0.1:9"])));
            Assert.Contains(e.Problems, p => p.Key == key && p.Mend.Contains(mend, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public Task RulesOfTheReviewersGuide_AreAccepted()
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "reviewers-guide.md"));
        var begin = guide.IndexOf("\"Rules\": [", StringComparison.Ordinal) + 10;
        return RulesThatEachDecideSomething_AreAccepted_AndCheckingThemOpensNoLog(guide[begin..guide.IndexOf("\n  ]\n}", begin, StringComparison.Ordinal)]);
    }

    [Theory]
    [InlineData("""{ "Statuses": ["503"] }, { "Statuses": ["5xx"] }""")]
    [InlineData("""{ "Roles": ["A"] }, { "Roles": ["A", "B"] }, { "Anonymous": true }, { "Level": "Request" }""")]
    [InlineData("""{ "Methods": ["POST"], "Level": "Request" }, { "Methods": ["GET"] }, { }""")]
    [InlineData("""{ "Paths": ["/a"], "ContentTypes": ["application/*+json"] }, { "Paths": ["/a"], "Level": "RequestResponse" }""")]
    public async Task RulesThatEachDecideSomething_AreAccepted_AndCheckingThemOpensNoLog(string rules)
    {
        var folder = Directory.CreateTempSubdirectory("harden-test-");
        try
        {
            var file = Path.Combine(folder.FullName, "harden.json");
            await File.WriteAllTextAsync(file, $$"""{ "Audit": { "Rules": [ {{rules}} ] }, "AzureAd": { "Instance": "http://localhost:1/", "TenantId": "de000000-0000-4000-8000-000000000001", "ClientId": "de000000-0000-4000-8000-0000000000c1" } }""");
            await using var gateway = Program.Build(ConfigurationStage.CreateBuilder(["--config", file, "--environment", "Development", "--Prototype:Address=http://127.0.0.1:9"]));
            Assert.Empty(Directory.GetFiles(folder.FullName, "*.jsonl", SearchOption.AllDirectories));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
