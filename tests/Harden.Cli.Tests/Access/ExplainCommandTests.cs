using System.Diagnostics;
using System.Text.Json;

namespace Harden.Cli.Tests.Access;

/// <summary><c>harden access explain</c> as it is typed.</summary>
public sealed class ExplainCommandTests : IDisposable
{
    private const string Rules = """
        {
          "ApiKeys": { "Keys": [{ "Name": "nightly" }, { "Name": "other" }] },
          "Access": {
            "Rules": [
              { "Name": "public", "Paths": ["/public/**"], "Allow": "Anonymous" },
              { "Name": "trial", "Paths": ["/admin/**"], "Roles": ["Owner"], "ReportOnly": true },
              { "Name": "admin", "Paths": ["/admin/**"], "Roles": ["Admin"] },
              { "Name": "pay", "Paths": ["/pay/**"], "AuthContext": "c1", "MaxAge": "00:10:00" },
              { "Name": "import", "Paths": ["/import"], "Methods": ["POST"], "Keys": ["nightly"] },
              { "Name": "office", "Paths": ["/office"], "Networks": ["10.0.0.0/8"] },
              { "Name": "team", "Paths": ["/team"], "Groups": ["g1"] },
              { "Name": "api", "Paths": ["/api/**"], "Scopes": ["Tasks.Read"] }
            ]
          }
        }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("harden-test-");

    public ExplainCommandTests() => File.WriteAllText(Path.Combine(folder.FullName, "harden.json"), Rules);

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Refusal_NamesTheRuleTheReasonAndEveryEarlierRule()
    {
        var (code, output, error) = await ExplainAsync("--as", "user", "--path", "/admin/users?x=1", "--role", "Member");

        Assert.Equal((1, ""), (code, error));
        Assert.Equal("""
            GET /admin/users by a signed-in person with roles Member
               1  public  passed over             it is for /public/**
               2  trial   on trial: would refuse  needs one of the roles Owner; the caller has Member
               3  admin   refuses                 needs one of the roles Admin; the caller has Member
               4  pay     not asked               an earlier rule decides
               5  import  not asked               an earlier rule decides
               6  office  not asked               an earlier rule decides
               7  team    not asked               an earlier rule decides
               8  api     not asked               an earlier rule decides
            Denied (403) by rule "admin": needs one of the roles Admin; the caller has Member.
            On record as "would have been denied" by "trial", which is on trial (ReportOnly).

            """.ReplaceLineEndings("\n"), output.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("public", null, 200, "--as", "anonymous", "--path", "//public//x", "refused: leading slashes")]
    [InlineData("public", null, 200, "--as", "anonymous", "--path", "/public//x")]
    [InlineData("admin", "not-signed-in", 401, "--as", "anonymous", "--path", "/%61dmin")]
    [InlineData("admin", null, 200, "--as", "user", "--path", "/admin", "--role", "Member", "--role", "Admin")]
    [InlineData("pay", "auth-context", 401, "--as", "user", "--path", "/pay/7")]
    [InlineData("pay", "max-age", 401, "--as", "user", "--path", "/pay/7", "--acrs", "c1")]
    [InlineData("pay", "max-age", 401, "--as", "user", "--path", "/pay/7", "--acrs", "c1", "--age", "00:10:01")]
    [InlineData("pay", null, 200, "--as", "user", "--path", "/pay/7", "--acrs", "c1", "--age", "00:09:00")]
    [InlineData("import", null, 200, "--key", "nightly", "--path", "/import", "--method", "post")]
    [InlineData("import", "key", 403, "--as", "key:other", "--path", "/import", "--method", "POST")]
    [InlineData("import", "key-needed", 403, "--as", "user", "--path", "/import", "--method", "POST")]
    [InlineData(null, "no-rule", 403, "--as", "user", "--path", "/import")]
    [InlineData("office", null, 200, "--as", "user", "--path", "/office", "--from", "10.1.2.3")]
    [InlineData(null, "no-rule", 403, "--as", "user", "--path", "/office", "--from", "11.1.2.3")]
    [InlineData("team", null, 200, "--as", "user", "--path", "/team", "--group", "g1")]
    [InlineData("team", "group-overage", 403, "--as", "user", "--path", "/team", "--group", "g1", "--too-many-groups")]
    [InlineData("api", null, 200, "--as", "user", "--path", "/api/x", "--scope", "Tasks.Read")]
    [InlineData("api", "scope", 403, "--as", "user", "--path", "/api/x")]
    [InlineData("public", "cross-site", 403, "--as", "user", "--path", "/public/x", "--method", "POST", "--origin", "https://evil.example")]
    public async Task Json_SaysTheSameToPrograms(string? rule, string? reason, int status, params string[] words)
    {
        if (words[^1].StartsWith("refused", StringComparison.Ordinal))
        {
            var (refused, _, said) = await ExplainAsync([.. words[..^1], "--json"]);
            Assert.Equal(1, refused);
            Assert.StartsWith("Denied (400, leading-slashes) before any rule is asked", said, StringComparison.Ordinal);
            return;
        }
        var (code, output, error) = await ExplainAsync([.. words, "--json"]);

        Assert.Equal("", error);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal((rule, reason, status), (json.GetProperty("rule").GetString(), json.GetProperty("reason").GetString(), json.GetProperty("status").GetInt32()));
        Assert.Equal(reason is null ? 0 : 1, code);
        Assert.Equal(8, json.GetProperty("rules").GetArrayLength());
    }

    [Theory]
    [InlineData("names nobody", "--as", "max@contoso.example", "--path", "/")]
    [InlineData("Say who asks", "--path", "/")]
    [InlineData("There is no API key", "--key", "unknown", "--path", "/import")]
    [InlineData("--path", "--as", "user")]
    [InlineData("is not an IP address", "--as", "user", "--path", "/", "--from", "here")]
    [InlineData("Harden's own address", "--as", "user", "--path", "/.harden/me")]
    public async Task CommandLineThatCannotBeUnderstood_IsOneSentenceAndExitCode2(string sentence, params string[] words)
    {
        var (code, output, error) = await ExplainAsync(words);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(sentence, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RulesThatAreWrong_AreAllNamed()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "harden.json"), """{ "Access": { "Rules": [ { "Paths": ["x"], "AuthContext": "mfa" }, { "Rolls": [] } ] } }""");

        var (code, _, error) = await ExplainAsync("--as", "user", "--path", "/");

        Assert.Equal(78, code);
        Assert.Contains("Access:Rules:1:Rolls", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> ExplainAsync(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "harden.dll"), "access", "explain", .. words, "--config", folder.FullName]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, error);
    }
}
