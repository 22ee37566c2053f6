using Harden.Gateway.Configuration;

namespace Harden.Gateway.Tests.Configuration;

public sealed class ConfigurationTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("harden-test-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void EveryProblem_IsReportedAtOnce_WithKeyValuePlaceAndMend()
    {
        var problems = Problems("""
            {
              "Edge": {
                "Listn": ["http://localhost:8080"],
                "MaxHeaders": "many"
              },
              "Acess": {},
              "RateLimits": { "Policies": [ { "Name": "a b", "Permits": 0 } ] }
            }
            """);

        Assert.Contains(problems, static p => p.Contains("harden.json:3: Edge:Listn", StringComparison.Ordinal) && p.Contains("Did you mean Listen?", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("harden.json:4: Edge:MaxHeaders = \"many\": must be a whole number", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("harden.json:6: Acess", StringComparison.Ordinal) && p.Contains("Did you mean Access?", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("RateLimits:Policies:0:Name = \"a b\"", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("RateLimits:Policies:0:Permits = \"0\": must be between 1", StringComparison.Ordinal));
    }

    [Fact]
    public void MistypedKey_HidesNothingElseThatIsWrongInItsSection()
    {
        var problems = Problems("""
            {
              "Access": {
                "Defalt": "SignedIn",
                "Rules": [
                  { "Name": "broken", "Paths": ["/a/**"], "ReportOnly": "maybe" },
                  { "Name": "all" },
                  { "Name": "never", "Paths": ["/b"] },
                  { "Name": "slash", "Paths": ["c"], "Methods": ["GTE"] }
                ]
              },
              "RateLimits": {
                "OnStoreFailure": "Panic", "StoreTimeout": "00:01:00",
                "Policies": [ { "Name": "a b", "Permits": "few", "Weight": 5 }, { "Name": "c", "Permits": 5, "Weight": 50 } ]
              }
            }
            """);

        Assert.Contains(problems, static p => p.Contains("Access:Defalt", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("Access:Rules:0:ReportOnly = \"maybe\"", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("Access:Rules:3:Paths:0 = \"c\": must begin with a slash", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("Access:Rules:3:Methods:0 = \"GTE\"", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("RateLimits:OnStoreFailure", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("RateLimits:StoreTimeout = \"00:01:00\"", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("RateLimits:Policies:0:Name = \"a b\"", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("RateLimits:Policies:1:Weight = \"50\"", StringComparison.Ordinal));
        Assert.Equal(9, Other(problems).Length); // and nothing that only follows from these
    }

    [Theory]
    [InlineData("""{ "Access": { "Defalt": "x", "Rules": [ { "Name": "all" }, { "Name": "never", "Paths": ["/b"] } ] } }""", "Access:Rules:1: can never decide")]
    [InlineData("""{ "Access": { "Rules": [ { "Name": "admin", "Pathes": ["/admin/**"] }, { "Name": "team", "Paths": ["/b"] } ] } }""", null)]
    [InlineData("""{ "Access": { "Rules": [ { "Name": "admin", "Paths": "/admin/**" }, { "Name": "team", "Allow": "SignedIn" } ] } }""", null)]
    [InlineData("""{ "Access": { "Rules": [ "admin", { "Name": "team", "Paths": ["b"] } ] } }""", null)]
    [InlineData("""{ "AzureAd": { "TenentId": "contoso.example", "ClientId": "00000000-0000-0000-0000-000000000001" } }""", null)]
    [InlineData("""{ "Session": { "RenewAfter": "5 minutes", "MaxClaimsAge": "00:20:00" } }""", null)]
    public void MistypedKey_IsNotTheCauseOfProblemsThatAreNone(string json, string? beside)
    {
        var problems = Other(Problems(json));

        Assert.Equal(beside is null ? 1 : 2, problems.Length);
        Assert.Equal(beside is not null, Array.Exists(problems, p => p.Contains(beside ?? "none", StringComparison.Ordinal)));
    }

    [Fact]
    public void BadNetworks_AreNamed()
    {
        var problems = Problems("""{ "Edge": { "TrustedProxies": ["10.0.0.300/8", "0.0.0.0/0"] } }""");

        Assert.Contains(problems, static p => p.Contains("Edge:TrustedProxies:0 = \"10.0.0.300/8\"", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Contains("Edge:TrustedProxies:1", StringComparison.Ordinal) && p.Contains("trusts everyone", StringComparison.Ordinal));
    }

    [Fact]
    public void UnreachableRule_IsRefused()
    {
        var problems = Problems("""{ "Access": { "Rules": [ { "Name": "all" }, { "Name": "admin", "Paths": ["/admin/**"], "Roles": ["Admin"] } ] } }""");

        Assert.Contains(problems, static p => p.Contains("Access:Rules:1", StringComparison.Ordinal) && p.Contains("decided by \"all\" before", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "Access": { "Default": "SignedIn" """, "harden.json:1")]
    [InlineData("{\n\n  \"Edge\": nope }", "harden.json:3")]
    public void BrokenJson_IsOneSentenceWithTheLine(string json, string where) =>
        Assert.Contains(Problems(json), p => p.StartsWith(where, StringComparison.Ordinal) && p.Contains("not valid JSON", StringComparison.Ordinal));

    [Fact]
    public void MissingNamedFile_IsOneSentence()
    {
        var e = Assert.Throws<ConfigurationException>(() => ConfigurationStage.CreateBuilder(["--config", Path.Combine(directory.FullName, "none.json")]));
        Assert.Contains("names a file that does not exist", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Edge": { "ClientSecret": "hunter2" } }""")]
    [InlineData("""{ "AzureAd": { "ClientSercet": "hunter2" } }""")]
    [InlineData("""{ "Console": { "ScrapTokn": "hunter2" } }""")]
    [InlineData("""{ "Console": { "ScrapeToken": "hunter2" } }""")]
    [InlineData("""{ "AzureAd": { "ClientCredentials": "hunter2" } }""")]
    public void SecretThatIsMistyped_IsNotPrinted(string json) =>
        Assert.DoesNotContain("hunter2", string.Join('\n', Problems(json)), StringComparison.Ordinal);

    // Nobody can sign in to what these tests configure.
    private static string[] Other(string[] problems) => [.. problems.Where(static p => !p.StartsWith("AzureAd: is missing", StringComparison.Ordinal))];

    private string[] Problems(string json)
    {
        var file = Path.Combine(directory.FullName, "harden.json");
        File.WriteAllText(file, json);
        var e = Assert.Throws<ConfigurationException>(() => Program.Build(ConfigurationStage.CreateBuilder(["--config", file, "--environment", "Development", "--Prototype:Address=http://127.0.0.1:9"])));
        return [.. e.Problems.Select(static p => p.ToString())];
    }
}
