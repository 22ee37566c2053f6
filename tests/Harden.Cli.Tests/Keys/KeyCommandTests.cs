using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Harden.Cli.Tests.Keys;

/// <summary><c>harden key</c> as it is typed.</summary>
public sealed class KeyCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("harden-test-");
    private readonly Dictionary<string, string> environment = [];

    private string Config => Path.Combine(folder.FullName, "harden.json");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task NewKey_IsPrintedOnceAndItsEntryIsAccepted()
    {
        Write();

        var (code, output, error) = await KeyAsync("create", "nightly-import", "--expires", "30d", "--role", "Importer");

        Assert.Equal(0, code);
        Assert.Matches("^harden_[0-9A-Za-z]{49}\n$", output);
        Assert.DoesNotContain(output.Trim(), error, StringComparison.Ordinal);
        var entry = JsonNode.Parse(Regex.Match(error, "{.*}").Value)!;
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(output.Trim()))), entry["Hash"]!.GetValue<string>());
        Assert.Equal("Importer", entry["Roles"]![0]!.GetValue<string>());
        Assert.InRange(DateTimeOffset.Parse(entry["Expires"]!.GetValue<string>(), null), DateTimeOffset.UtcNow.AddDays(29), DateTimeOffset.UtcNow.AddDays(31));

        Write(entry);
        var check = await HardenProcess.RunAsync(environment, "config", "check", Config);
        Assert.Equal((0, ""), (check.Code, check.Error));
    }

    [Theory]
    [InlineData("There is no", "create", "x", "--config", "nowhere.json")]
    [InlineData("is not a time to come", "create", "x", "--expires", "soon")]
    [InlineData("is not a time to come", "create", "x", "--expires", "2020-01-01")]
    [InlineData("The key's Name must be a name of letters", "create", "a key")]
    [InlineData("The key's Name must not be a GUID", "create", "de000000-0000-4000-8000-0000000000a3")]
    [InlineData("The key's Roles is a role of Harden itself", "create", "x", "--role", "Harden.Admin")]
    public async Task Mistake_IsOneSentenceAndMakesNoKey(string expected, params string[] words)
    {
        var (code, output, error) = await HardenProcess.RunAsync(environment, ["key", .. words]);

        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task NameThatIsTaken_IsRefused()
    {
        Write(Entry("import", 100));

        var (code, output, error) = await KeyAsync("create", "IMPORT");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("has a key named import already", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_AreListedWithTheirEndAndTheirRules()
    {
        Write(Entry("import", 100), Entry("old", -1), Entry("lost", 100, revoked: true));

        var (code, output, _) = await KeyAsync("list");

        Assert.Equal(0, code);
        Assert.Matches(@"^import +\d{4}-\d\d-\d\d  good      jobs\nold +\d{4}-\d\d-\d\d  expired   no rule names it\nlost +\d{4}-\d\d-\d\d  revoked   no rule names it\n$", output);
    }

    [Fact]
    public async Task Check_NamesWhatSomebodyShouldLookAfter()
    {
        Write(Entry("import", 10), Entry("old", -1), Entry("lost", -1, revoked: true));

        var (code, output, _) = await KeyAsync("check");
        var (later, _, _) = await KeyAsync("check", "--within", "5d");

        Assert.Equal((1, 1), (code, later));
        Assert.Matches(@"^import expires \S+, in 10 days\. .*\nold expired .*\nold opens nothing: .*\n$", output);
        Write(Entry("import", 10));
        Assert.Equal(0, (await KeyAsync("check", "--within", "5d")).Code);
    }

    private Task<(int Code, string Output, string Error)> KeyAsync(params string[] words) => HardenProcess.RunAsync(environment, ["key", .. words, "--config", Config]);

    private static JsonObject Entry(string name, int days, bool revoked = false) => new()
    {
        ["Name"] = name, ["Hash"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(name))),
        ["Expires"] = DateTimeOffset.UtcNow.AddDays(days).AddMinutes(1).ToString("O"), ["Revoked"] = revoked,
    };

    private void Write(params JsonNode[] keys) => File.WriteAllText(Config, new JsonObject
    {
        ["Prototype"] = new JsonObject { ["Address"] = "http://localhost:9" },
        ["ApiKeys"] = new JsonObject { ["Keys"] = new JsonArray([.. keys.Select(static k => k.DeepClone())]) },
        ["Access"] = new JsonObject { ["Rules"] = new JsonArray(new JsonObject { ["Name"] = "jobs", ["Keys"] = new JsonArray([.. keys.Take(1).Select(static k => (JsonNode?)k["Name"]!.GetValue<string>())]) }) },
    }.ToJsonString());
}
