using System.Diagnostics;
using Harden.Audit.Postgres;
using Harden.Audit.Tests.Infrastructure;

namespace Harden.Cli.Tests.Audit;

/// <summary>The same questions, asked of what all replicas have shipped to PostgreSQL.</summary>
public sealed class AuditFleetTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private const string Id = "00000000000000000000000000000001";

    [Fact]
    public async Task Fleet_IsSearchedShownAndExported()
    {
        await using var source = await server.CreateAsync();
        var log = Directory.CreateTempSubdirectory("harden-test-");
        await File.WriteAllTextAsync(Path.Combine(log.FullName, "log-id"), new string('a', 32) + "\n");
        await File.WriteAllTextAsync(Path.Combine(log.FullName, "000001-000001.jsonl"),
            $$$"""{"v":1,"logId":"{{{new string('a', 32)}}}","bootId":"b","seq":0,"stage":"denial","requestId":"{{{Id}}}","time":"2026-01-31T09:00:00Z","http":{"method":"GET","path":"/orders/7","status":403},"decision":{"action":"deny","reason":"no-rule"}}""" + "\n");
        await using (var shipper = new PostgresShipper(source, log.FullName))
        {
            while (await shipper.ShipAsync(default))
                ;
        }
        log.Delete(recursive: true);

        Assert.Contains("/orders/7", (await HardenAsync(source.ConnectionString, "search", "orders", "--fleet")).Output, StringComparison.Ordinal);
        Assert.Contains("no-rule", (await HardenAsync(source.ConnectionString, "show", Id, "--fleet")).Output, StringComparison.Ordinal);
        Assert.Contains("GET,/orders/7", (await HardenAsync(source.ConnectionString, "export", "--format", "csv", "--fleet")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "ConnectionStrings__audit is not set")]
    [InlineData("Hots=localhost", "is not a PostgreSQL connection string")]
    [InlineData("Host=127.0.0.1;Port=1;Username=x;Database=x", "PostgreSQL can't be asked")]
    [InlineData("EMPTY", "holds no record")]
    public async Task FleetThatIsNotThere_IsOneSentence(string? connection, string sentence)
    {
        await using var empty = await server.CreateAsync();

        var (code, _, error) = await HardenAsync(connection == "EMPTY" ? empty.ConnectionString : connection, "search", "--fleet");

        Assert.Equal(66, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private static async Task<(int Code, string Output, string Error)> HardenAsync(string? connection, params string[] words)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "harden.dll"), "audit", .. words]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ConnectionStrings__audit"] = connection;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, error);
    }
}
