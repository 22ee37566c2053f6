using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // each test is half a dozen processes

namespace Harden.AppHost.Tests;

/// <summary>
/// The AppHost as a process of its own, on free ports. Everything it starts inherits a variable of this test's own, by which survivors
/// are found in <c>/proc</c> whatever has become of their parents.
/// </summary>
internal sealed class HostUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // Where its own build put it: beside these tests it would find the packages they were built with.
    private static readonly string Program = Path.Combine(
        AppContext.BaseDirectory.Replace(Path.Combine("tests", "Harden.AppHost.Tests"), "Harden.AppHost", StringComparison.Ordinal), "Harden.AppHost.dll");

    private readonly string marker = $"HARDEN_TEST={Guid.NewGuid():N}";
    private readonly ConcurrentQueue<string> lines = new();
    private readonly Process process;
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("harden-test-state-");
    private readonly Task output;

    private HostUnderTest(string[] arguments, string[] own, (string Name, string Value)[] environment)
    {
        var ports = (int[])[FreePorts.One(), FreePorts.One(), FreePorts.One()];
        (App, Console) = (new($"http://localhost:{ports[0]}"), new($"http://localhost:{ports[1]}"));
        // Who runs tests under nohup or in the background has these signals ignored, and every child would inherit that. This process is dotnet too, wherever PATH leads.
        var start = new ProcessStartInfo("env", ["--default-signal=HUP,INT", Environment.ProcessPath!, Program, .. arguments, .. own])
        {
            WorkingDirectory = state.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Edge__Listen__0"] = App.GetLeftPart(UriPartial.Authority);
        start.Environment["Console__Listen__0"] = Console.GetLeftPart(UriPartial.Authority);
        start.Environment["DevEntra__Listen"] = $"http://localhost:{ports[2]}";
        start.Environment["StateDirectory"] = State;
        foreach (var (name, value) in EngineArguments.Environment)
            start.Environment[name] = value;
        foreach (var (name, value) in environment.Append((marker.Split('=')[0], marker.Split('=')[1])))
            start.Environment[name] = value;
        process = Process.Start(start)!;
        output = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public Uri App { get; }

    public Uri Console { get; }

    public string State => Path.Combine(state.FullName, ".harden");

    /// <summary>Everything written so far.</summary>
    public string Output => string.Join('\n', lines);

    /// <summary>Starts the AppHost and waits for its banner.</summary>
    public static async Task<HostUnderTest> UpAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var host = new HostUnderTest(arguments, EngineArguments.OfARun(), environment);
        await host.UntilAsync(() => host.Output.Contains("Ctrl+C stops everything."), "the banner");
        return host;
    }

    /// <summary>Starts the AppHost and waits for its end. Returns what it said and its exit code.</summary>
    public static async Task<(int ExitCode, string Output)> FailAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        await using var host = new HostUnderTest(arguments, EngineArguments.OfARun(), environment);
        var code = await host.EndAsync();
        await host.NobodyIsLeftAsync();
        return (code, host.Output);
    }

    /// <summary>Has the AppHost do something that ends by itself. Returns what it said and its exit code.</summary>
    public static async Task<(int ExitCode, string Output)> OnceAsync(params string[] arguments)
    {
        await using var host = new HostUnderTest(arguments, [], []);
        return (await host.EndAsync(), host.Output);
    }

    /// <summary>Waits until a condition holds; fails with the host's output if it ends before that or takes minutes.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.False(process.HasExited, $"The host ended while waiting for {what}:\n{Output}");
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"Waited in vain for {what}:\n{Output}");
            await Task.Delay(50);
        }
    }

    /// <summary>Sends a signal and waits for the end of the host. Returns its exit code.</summary>
    public async Task<int> SignalAsync(string signal)
    {
        Signal(process.Id, signal);
        return await EndAsync();
    }

    /// <summary>Processes of this host whose command line contains the text.</summary>
    public int[] Find(string commandLine) => [.. Living().Where(pid => Read(pid, "cmdline").Replace('\0', ' ').Contains(commandLine))];

    public static void Signal(int pid, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{pid}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits until no process of this host is left.</summary>
    public async Task NobodyIsLeftAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (Living().Length > 0 || RedisListens())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"Left over: {string.Join(", ", Living().Select(static pid => Read(pid, "cmdline").Replace('\0', ' ')))}\n{Output}");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await EndAsync();
        // Whoever looks after the parts ends them; killed at once, it would leave a Redis behind.
        for (var i = 0; i < 200 && (Living().Length > 0 || RedisListens()); i++)
            await Task.Delay(100);
        foreach (var pid in Living())
            Signal(pid, "KILL");
        process.Dispose();
        state.Delete(recursive: true);
    }

    private async Task<int> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(5)));
        return process.ExitCode;
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            lines.Enqueue(line);
    }

    // It writes its title over its environment, so the marker doesn't find it.
    private bool RedisListens()
    {
        if (Regex.Match(Output, @"^  Redis +127\.0\.0\.1:(\d+)", RegexOptions.Multiline) is not { Success: true } redis)
            return false;
        try
        {
            using var client = new TcpClient("127.0.0.1", int.Parse(redis.Groups[1].ValueSpan));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private int[] Living() =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(static name => name!.All(char.IsAsciiDigit))
            .Select(int.Parse!).Where(pid => Read(pid, "environ").Split('\0').Contains(marker)),
    ];

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
