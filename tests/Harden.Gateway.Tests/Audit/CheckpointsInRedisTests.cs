using Harden.Audit;
using Harden.Gateway.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using StackExchange.Redis;

namespace Harden.Gateway.Tests.Audit;

public sealed class CheckpointsInRedisTests : IDisposable
{
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("harden-test-");

    private string Log => Path.Combine(state.FullName, "audit");

    [Fact]
    public async Task TailCutByWhoHasTheKey_ShowsAgainstWhatRedisKeeps()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var prototype = await TestPrototype.StartAsync(static context => context.Response.WriteAsync("ok"));
        await using (var gateway = await GatewayUnderTest.StartAsync(prototype.Address, $"StateDirectory={state.FullName}", $"ConnectionStrings:redis={redis.ConnectionString}"))
        {
            for (var i = 0; i < 10; i++)
                await gateway.Client.GetAsync($"/{i}");
            await gateway.RecordOf("/9");
        }
        var kept = Path.Combine(state.FullName, "kept.txt");
        using (var connection = await redis.ConnectAsync())
        {
            var values = await connection.GetDatabase().HashValuesAsync($"harden:prototype:checkpoints:{(await File.ReadAllTextAsync(Path.Combine(Log, "log-id"))).Trim()}");
            await File.WriteAllTextAsync(kept, string.Concat(values.Select(static v => v + "\n"))); // as redis-cli --raw HVALS prints them
        }
        Assert.Empty(Verify(kept));

        var size = CutTail();

        Assert.Empty(Verify(null)); // the log alone can't tell
        var finding = Assert.Single(Verify(kept));
        Assert.Equal((Verdict.Incomplete, size), (finding.Verdict, finding.Entry));
        Assert.StartsWith($"Boot 1 ends after {size} entries, but ", finding.Text, StringComparison.Ordinal);
    }

    public void Dispose() => state.Delete(recursive: true);

    // What an administrator of the machine can do: cut the last entries, and sign for what is left with the gateway's own key.
    private long CutTail()
    {
        var segment = Directory.GetFiles(Log, "*.jsonl").Single();
        var lines = File.ReadAllLines(segment)[..^3];
        File.WriteAllText(segment, string.Join('\n', lines) + "\n");
        var tree = new MerkleFrontier();
        foreach (var line in lines)
            tree.Append(System.Text.Encoding.ASCII.GetBytes(line));
        using var key = CheckpointKey.Open(Path.Combine(state.FullName, "audit-key", "checkpoint.pem"));
        var path = Path.Combine(Log, Checkpoint.FileName(1));
        File.WriteAllText(path, (Checkpoint.TryOpen(File.ReadAllText(path), key)! with { Size = tree.Size, Root = tree.Root() }).Sign(key));
        return tree.Size;
    }

    private IReadOnlyList<Finding> Verify(string? kept)
    {
        using var key = CheckpointKey.TryOpenPublic(Path.Combine(Log, CheckpointKey.PublicName));
        return new AuditVerifier(Log, key).Run(kept);
    }
}
