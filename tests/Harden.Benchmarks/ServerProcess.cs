using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Harden.Benchmarks;

/// <summary>One server in a process of its own, with what the kernel says of its CPU time and memory.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int TicksPerSecond = 100; // USER_HZ, fixed for user space on every Linux architecture .NET runs on

    private readonly Process process;
    private readonly Queue<string> output = [];

    private ServerProcess(Process process, int port)
    {
        this.process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>When the process was started, as a <see cref="Stopwatch"/> timestamp.</summary>
    public long Started { get; private init; }

    /// <summary>User and system time of all threads since the start.</summary>
    public TimeSpan Cpu => CpuOf($"/proc/{process.Id}/stat");

    /// <summary>The same of the thread that compiles hot methods again; zero while there is none.</summary>
    public TimeSpan JitCpu => Directory.EnumerateDirectories($"/proc/{process.Id}/task")
        .Where(static task => File.Exists(task + "/comm") && File.ReadAllText(task + "/comm").StartsWith(".NET Tiered", StringComparison.Ordinal))
        .Aggregate(TimeSpan.Zero, static (sum, task) => sum + CpuOf(task + "/stat"));

    /// <summary>Resident memory in bytes.</summary>
    public long Memory
    {
        get
        {
            var line = File.ReadLines($"/proc/{process.Id}/status").First(static l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.AsSpan(6, line.Length - 8), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite) * 1024;
        }
    }

    /// <summary>Starts <c>dotnet DLL ARGUMENTS</c>.</summary>
    public static ServerProcess Start(string dll, int port, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        if (!File.Exists(dll))
            throw new InvalidOperationException($"{dll} is not there. Build it: dotnet build -c Release tests/Harden.Benchmarks.");
        return StartProgram("dotnet", port, [dll, .. arguments], environment);
    }

    /// <summary>Starts any program.</summary>
    public static ServerProcess StartProgram(string program, int port, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // What the caller's shell says of the runtime or of ASP.NET must not reach what is measured.
        foreach (var name in start.Environment.Keys.Where(static k => (k.StartsWith("DOTNET_", StringComparison.Ordinal) && k != "DOTNET_ROOT")
            || k.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var at = Stopwatch.GetTimestamp();
        var server = new ServerProcess(Process.Start(start)!, port) { Started = at };
        server.process.OutputDataReceived += server.Keep;
        server.process.ErrorDataReceived += server.Keep;
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += server.Kill; // Ctrl+C leaves nothing behind
        return server;
    }

    public static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Waits until a GET is answered with the status, asking every 2 ms.</summary>
    /// <returns>How long that was after the start.</returns>
    public async Task<TimeSpan> WaitAsync(string path, int status)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5) };
        var last = "no answer";
        while (Stopwatch.GetElapsedTime(Started) < TimeSpan.FromSeconds(60) && !process.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync($"http://127.0.0.1:{Port}{path}");
                if ((int)answer.StatusCode == status)
                    return Stopwatch.GetElapsedTime(Started);
                last = $"status {(int)answer.StatusCode}";
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                last = e.Message;
            }
            await Task.Delay(2);
        }
        lock (output)
            throw new InvalidOperationException($"GET {path} on port {Port} was to answer {status} within 60 s; {last}. The process said:\n{string.Join('\n', output)}");
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= Kill;
        Kill(null, EventArgs.Empty);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static TimeSpan CpuOf(string file)
    {
        var stat = File.ReadAllText(file);
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the name before it may hold spaces; field 3 is now 0
        return TimeSpan.FromSeconds((double)(long.Parse(fields[11]) + long.Parse(fields[12])) / TicksPerSecond);
    }

    private void Kill(object? sender, EventArgs e)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (output)
        {
            output.Enqueue(line.Data ?? "");
            if (output.Count > 40)
                output.Dequeue();
        }
    }
}
