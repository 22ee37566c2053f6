using System.Diagnostics;

namespace Harden.Cli.Tests.Audit;

/// <summary><c>harden audit</c> as it is typed.</summary>
public sealed class AuditCommandTests : IDisposable
{
    private const int Entries = 130;

    private readonly DirectoryInfo log = Directory.CreateTempSubdirectory("harden-test-");

    public AuditCommandTests() => File.WriteAllLines(Path.Combine(log.FullName, "000001-000001.jsonl"), Enumerable.Range(0, Entries).Select(static n =>
        $$$"""{"v":1,"seq":{{{n}}},"stage":"denial","requestId":"{{{n:x32}}}","time":"2026-01-31T09:00:00Z","http":{"method":"GET","path":"/{{{n}}}","status":403},"decision":{"action":"deny","reason":"no-rule"}}"""));

    public void Dispose() => log.Delete(recursive: true);

    [Theory]
    [InlineData(Entries, "export")]
    [InlineData(7, "export", "--limit", "7")]
    [InlineData(100, "search")]
    [InlineData(Entries, "search", "--limit", "0")]
    [InlineData(20, "tail")]
    public async Task Requests_AreCutToTheLimitOnlyWhereOneIsExpected(int expected, params string[] words)
    {
        var (code, output, error) = await HardenAsync(["audit", .. words, "--log", log.FullName]);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task SearchThatFindsNothing_SaysSo()
    {
        var (code, output, error) = await HardenAsync(["audit", "search", "nowhere", "--log", log.FullName]);

        Assert.Equal((0, "", "No request matches."), (code, output, error.Trim()));
    }

    [Fact]
    public async Task CheckpointsThatAreNoFile_AreOneSentence()
    {
        var (code, _, error) = await HardenAsync(["audit", "verify", "--log", log.FullName, "--checkpoints", log.FullName]);

        Assert.Equal(66, code);
        Assert.Equal($"There is no file {log.FullName}. Give the one that Audit:CheckpointCopy names.", error.Trim());
    }

    [Theory]
    [InlineData("verify", "--checkpoint", "x")]
    [InlineData("verify-proof", "proof.json")]
    [InlineData("search", "--status", "abc")]
    [InlineData("search", "--limit", "x")]
    [InlineData("bogus")]
    [InlineData("export", "--format", "xml")]
    [InlineData("export", "--verify", "--status", "abc")]
    [InlineData("export", "--verify", "--format", "csv", "--bodies")]
    public async Task WrongCommandLine_IsNoVerdict(params string[] words) =>
        Assert.Equal(64, (await HardenAsync(["audit", .. words, "--log", log.FullName])).Code);

    [Fact]
    public async Task OutputThatCannotBeWritten_IsOneSentence()
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", $"dotnet '{Path.Combine(AppContext.BaseDirectory, "harden.dll")}' audit verify --log '{log.FullName}' > /dev/full"]) { RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var error = await shell.StandardError.ReadToEndAsync(limit.Token);
        await shell.WaitForExitAsync(limit.Token);

        Assert.Equal((74, 1), (shell.ExitCode, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
    }

    [Fact]
    public async Task HoldsThatSomebodyElseWrote_SteerNoTerminal()
    {
        await File.WriteAllTextAsync(Path.Combine(log.FullName, "holds.json"), """[{ "name": "\u001b[31mred", "reason": "one\nforged", "by": "eve" }]""");

        var (code, output, _) = await HardenAsync(["audit", "hold", "list", "--log", log.FullName]);

        Assert.Equal(0, code);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<(int Code, string Output, string Error)> HardenAsync(string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "harden.dll"), .. words]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, error);
    }
}
