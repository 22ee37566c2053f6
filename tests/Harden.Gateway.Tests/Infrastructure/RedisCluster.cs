using System.Globalization;

namespace Harden.Gateway.Tests.Infrastructure;

/// <summary>A real Redis Cluster of three masters, each with a third of the slots.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private static readonly (int From, int To)[] Slots = [(0, 5460), (5461, 10922), (10923, 16383)];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("harden-cluster-");

    private int? bus;

    private RedisCluster()
    {
    }

    public List<RedisServer> Nodes { get; } = [];

    /// <summary>Connection string that names one node: the client finds the others.</summary>
    public string ConnectionString => Nodes[0].ConnectionString;

    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        foreach (var (from, to) in Slots)
        {
            var own = FreePorts.One();
            var node = await RedisServer.StartAsync(["--cluster-enabled", "yes", "--cluster-port", own.ToString(CultureInfo.InvariantCulture), "--cluster-node-timeout", "2000",
                "--dir", cluster.folder.FullName, "--cluster-config-file", $"nodes-{own}.conf", "--cluster-require-full-coverage", "no"]);
            cluster.Nodes.Add(node);
            Assert.Equal("+OK", await node.SayAsync($"CLUSTER ADDSLOTSRANGE {from} {to}"));
            Assert.Equal("+OK", await node.SayAsync($"CLUSTER MEET 127.0.0.1 {cluster.Nodes[0].Port} {cluster.bus ??= own}"));
        }
        foreach (var node in cluster.Nodes)
        {
            while (await node.SayAsync("CLUSTER INFO") is var info && !(info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_slots_ok:16384", StringComparison.Ordinal)))
                await Task.Delay(50, patience.Token);
        }
        return cluster;
    }

    /// <summary>Waits until the client is connected to every node: until then what the others keep can't be asked for.</summary>
    public static async Task ConnectedAsync(RedisConnection connection)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await connection.FirstAttempt;
        while (connection.Multiplexer!.GetServers() is not { Length: 3 } servers || !Array.TrueForAll(servers, static s => s.IsConnected))
            await Task.Delay(20, patience.Token);
    }

    /// <summary>The node that keeps a key.</summary>
    public RedisServer NodeOf(string key)
    {
        var slot = SlotOf(key);
        return Nodes[Array.FindIndex(Slots, s => slot >= s.From && slot <= s.To)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        folder.Delete(recursive: true);
    }

    // CRC16 of the key, or of what stands in its first braces, as the specification of Redis Cluster has it.
    private static int SlotOf(string key)
    {
        var open = key.IndexOf('{', StringComparison.Ordinal);
        var close = open < 0 ? -1 : key.IndexOf('}', open);
        var crc = 0;
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(close > open + 1 ? key[(open + 1)..close] : key))
        {
            crc ^= b << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 0x8000) != 0 ? ((crc << 1) ^ 0x1021) & 0xFFFF : (crc << 1) & 0xFFFF;
        }
        return crc % 16384;
    }
}
