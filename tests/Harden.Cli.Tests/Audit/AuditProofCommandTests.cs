using System.Diagnostics;
using Harden.Audit;
using Harden.Audit.Bodies;

namespace Harden.Cli.Tests.Audit;

/// <summary>What a reviewer types to prove something, on a log that was really written.</summary>
public sealed class AuditProofCommandTests : IDisposable
{
    private readonly DirectoryInfo scratch = Directory.CreateTempSubdirectory("harden-test-");

    private string Log => Path.Combine(scratch.FullName, "audit");

    private string Proof => Path.Combine(scratch.FullName, "proof.json");

    private string Key => Path.Combine(Log, CheckpointKey.PublicName);

    public void Dispose() => scratch.Delete(recursive: true);

    [Fact]
    public async Task Proof_ConvincesWithoutTheLog_AndATamperedOneDoesNot()
    {
        await WriteLogAsync();
        Assert.Equal((0, "5 entries of 1 boot checked: intact."), Head(await HardenAsync("verify", "--log", Log, "--key", Key)));
        Assert.Equal(0, (await HardenAsync("prove", "request2", "-o", Proof, "--log", Log)).Code);

        Assert.StartsWith("proven: entry 3, intent:", Head(await HardenAsync("verify-proof", Proof, "--key", Key)).Line, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Proof, (await File.ReadAllTextAsync(Proof)).Replace("/paid/2", "/paid/3", StringComparison.Ordinal));
        var (code, line) = Head(await HardenAsync("verify-proof", Proof, "--key", Key));
        Assert.Equal(1, code);
        Assert.StartsWith("not proven: Entry 3 is not the one that was signed for", line, StringComparison.Ordinal);

        Assert.Equal((1, "The log has no request with the id \"nobody\"."), Head(await HardenAsync("prove", "nobody", "--log", Log)));
        Assert.Equal(66, (await HardenAsync("verify-proof", Path.Combine(Log, "none"), "--key", Key)).Code);
    }

    [Fact]
    public async Task LogWhosePublicKeyIsGone_IsNotCalledIntact()
    {
        await WriteLogAsync();
        File.Delete(Key);

        Assert.Equal((3, "5 entries of 1 boot checked: unverifiable."), Head(await HardenAsync("verify", "--log", Log)));
        Assert.Equal(3, (await HardenAsync("export", "--verify", "--log", Log)).Code);
    }

    [Fact]
    public async Task BodyAlteredWithItsChecksum_IsFoundWithTheKey_AndWithoutItIsSaidToBeUnchecked()
    {
        var keys = Path.Combine(scratch.FullName, "bodies.key");
        using (var vault = new BodyVault(BodyKeys.OpenOrCreate(keys)))
        using (var log = AuditLog.Open(Log, new() { SigningKey = Path.Combine(scratch.FullName, "key.pem"), ReserveBytes = 0 }))
        {
            var entry = log.Rent();
            entry.Json.WriteStartObject();
            entry.Json.WriteString("stage", "completion");
            entry.Json.WriteString("requestId", "request");
            entry.Json.WriteStartObject("body");
            entry.Json.WriteStartObject("request");
            entry.Attach(vault.TrySeal("request", BodySide.Request, "pay 10"u8)!);
            entry.Json.WriteEndObject();
            entry.Json.WriteEndObject();
            entry.Json.WriteEndObject();
            entry.Json.Flush();
            Assert.True(await log.AppendAsync(entry));
        }
        var file = Path.Combine(Log, "000001-000001.bodies");
        var frame = await File.ReadAllBytesAsync(file);
        frame[^8] ^= 1; // of what is sealed
        BodyFrame.Close(frame);
        await File.WriteAllBytesAsync(file, frame);

        var (code, without) = await HardenAsync("verify", "--log", Log, "--key", Key);
        Assert.Equal(0, code);
        Assert.Contains("What the 1 body says was not checked, only that it is there and matches its checksum", without, StringComparison.Ordinal);
        (code, var with) = await HardenAsync("verify", "--log", Log, "--key", Key, "--body-key", keys);
        Assert.Equal(1, code);
        Assert.DoesNotContain("not checked", with, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hold_IsAddedListedAndReleased()
    {
        await WriteLogAsync();
        Assert.Equal((0, "Hold \"case-1\" is in force: nothing is deleted until it is released."), Head(await HardenAsync("hold", "add", "case-1", "--reason", "subpoena", "--log", Log)));
        Assert.Equal((1, "A hold named \"case-1\" is in force already. Choose another name, or release it first."), Head(await HardenAsync("hold", "add", "case-1", "--reason", "again", "--log", Log)));
        Assert.StartsWith("in force  case-1  ", Head(await HardenAsync("hold", "list", "--log", Log)).Line, StringComparison.Ordinal);
        Assert.Equal((0, "Hold \"case-1\" is released."), Head(await HardenAsync("hold", "release", "case-1", "--reason", "settled", "--log", Log)));
        Assert.StartsWith("released  case-1  ", Head(await HardenAsync("hold", "list", "--log", Log)).Line, StringComparison.Ordinal);
    }

    private async Task WriteLogAsync()
    {
        using var log = AuditLog.Open(Log, new() { SigningKey = Path.Combine(scratch.FullName, "key.pem"), ReserveBytes = 0 });
        for (var i = 0; i < 3; i++)
        {
            var entry = log.Rent();
            entry.Json.WriteStartObject();
            entry.Json.WriteString("stage", "intent");
            entry.Json.WriteString("requestId", $"request{i}");
            entry.Json.WriteString("time", DateTimeOffset.UnixEpoch);
            entry.Json.WriteStartObject("http");
            entry.Json.WriteString("method", "POST");
            entry.Json.WriteString("path", $"/paid/{i}");
            entry.Json.WriteEndObject();
            entry.Json.WriteEndObject();
            entry.Json.Flush();
            Assert.True(await log.AppendAsync(entry));
        }
    }

    private static (int Code, string Line) Head((int Code, string Output) result) => (result.Code, result.Output.Split('\n')[0].TrimEnd());

    private static async Task<(int Code, string Output)> HardenAsync(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "harden.dll"), "audit", .. words]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + error);
    }
}
