namespace Harden.Benchmarks;

/// <summary>The backend and whatever stands before it, each in its process and the gateways with a state directory each.</summary>
internal sealed class Stand : IAsyncDisposable
{
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("harden-bench-");
    private readonly List<ServerProcess> processes = [];
    private ServerProcess backend = null!;
    private int redis;
    private int entra = 9; // the discard port, where nothing ever answers

    private Stand()
    {
    }

    /// <summary>Starts the backend, and DevEntra and Redis if a target needs them.</summary>
    public static async Task<Stand> StartAsync(Target[] targets)
    {
        var stand = new Stand();
        var port = ServerProcess.FreePort();
        stand.backend = ServerProcess.Start(Own, port, ["backend", $"{port}"], new Dictionary<string, string>());
        stand.processes.Add(stand.backend);
        await stand.backend.WaitAsync("/", 200);
        if (Array.Exists(targets, static t => t.SignedIn))
            await stand.StartEntraAsync();
        if (Array.Exists(targets, static t => t.Surrounded || t.Redis))
        {
            stand.processes.Add(StartRedis());
            stand.redis = stand.processes[^1].Port;
        }
        return stand;
    }

    public int BackendPort => backend.Port;

    /// <summary>Starts a target without waiting for it.</summary>
    public ServerProcess Start(Target target)
    {
        var port = ServerProcess.FreePort();
        var server = target.Name == Target.Baseline
            ? ServerProcess.Start(Own, port, ["yarp", $"{port}", $"http://127.0.0.1:{backend.Port}"], target.Settings)
            : ServerProcess.Start(target.Settings.GetValueOrDefault("dll", Gateway), port, [], SettingsOf(target, port));
        processes.Add(server);
        return server;
    }

    /// <summary>Everything a gateway is told: the target's settings and where it stands.</summary>
    public Dictionary<string, string> SettingsOf(Target target, int port)
    {
        var settings = new Dictionary<string, string>(target.Settings)
        {
            ["Edge__Listen__0"] = $"http://127.0.0.1:{port}",
            ["Console__Listen__0"] = $"http://127.0.0.1:{ServerProcess.FreePort()}",
            ["Prototype__Address"] = $"http://127.0.0.1:{backend.Port}",
            ["StateDirectory"] = StateOf(target),
            ["AzureAd__Instance"] = $"http://127.0.0.1:{entra}/",
            ["AzureAd__TenantId"] = SignIn.Tenant,
            ["AzureAd__ClientId"] = SignIn.App,
            ["ASPNETCORE_ENVIRONMENT"] = "Development", // the only one in which an identity provider without TLS is accepted
        };
        if (target.Surrounded || target.Redis)
            settings["ConnectionStrings__redis"] = $"127.0.0.1:{redis}";
        if (target.Surrounded)
        {
            settings["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = $"http://127.0.0.1:{backend.Port}/sink"; // reads it all and answers 200
            settings["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf";
        }
        return settings;
    }

    /// <summary>Waits until a target answers as it should, and signs in where it asks for that.</summary>
    /// <returns>The headers that requests need, each ending in CR LF.</returns>
    public async Task<string> ReadyAsync(ServerProcess server, Target target)
    {
        await server.WaitAsync("/1k", target.SignedIn ? 401 : target.Status);
        return await HeadersAsync(target, server.Port);
    }

    /// <summary>The headers that requests to a target need, each ending in CR LF.</summary>
    public static async Task<string> HeadersAsync(Target target, int port) => !target.SignedIn ? "" : target.ByToken ? await SignIn.WithTokenAsync(port) : await SignIn.AsMemberAsync(port);

    /// <summary>Stops one target.</summary>
    public async Task StopAsync(ServerProcess server)
    {
        processes.Remove(server);
        await server.DisposeAsync();
    }

    /// <summary>Bytes in the state directory of a target: what a durable record must have made longer.</summary>
    public long Written(Target target) => !Directory.Exists(StateOf(target))
        ? 0
        : new DirectoryInfo(StateOf(target)).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static f => f.Length);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
            await process.DisposeAsync();
        state.Delete(recursive: true);
    }

    private async Task StartEntraAsync()
    {
        entra = ServerProcess.FreePort();
        var server = ServerProcess.Start(BuiltBeside("Harden.DevEntra"), entra, [], new Dictionary<string, string>
        {
            ["DevEntra__Listen"] = $"http://127.0.0.1:{entra}",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
        });
        processes.Add(server);
        await server.WaitAsync($"/{SignIn.Tenant}/v2.0/.well-known/openid-configuration", 200);
    }

    /// <summary>Starts a Redis that keeps nothing.</summary>
    public static ServerProcess StartRedis()
    {
        var port = ServerProcess.FreePort();
        try
        {
            return ServerProcess.StartProgram("redis-server", port, ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], new Dictionary<string, string>());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException("redis-server is not on PATH, and limits in Redis need it. Install it (Debian: apt install redis-server), or leave such targets out with --targets.");
        }
    }

    private static string Own => typeof(Stand).Assembly.Location;

    private static string Gateway => BuiltBeside("Harden.Gateway");

    private string StateOf(Target target) => Path.Combine(state.FullName, target.Name);

    // bin/Release/net10.0 of this project and of src/NAME lie equally deep below the root.
    private static string BuiltBeside(string name)
    {
        var bin = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return Path.GetFullPath(Path.Combine(bin, "../../../../../src", name, Path.GetRelativePath(Path.Combine(bin, "../../.."), bin), name + ".dll"));
    }
}
