using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harden.Gateway.Tests.Differencing;

/// <summary>An example, started as its users start it: a process of its own that is told its port by PORT.</summary>
internal sealed class ExampleProcess : IAsyncDisposable
{
    private static readonly SemaphoreSlim Installing = new(1, 1);
    private readonly Process process;
    private readonly StringBuilder output = new();

    private ExampleProcess(Process process, int port)
    {
        this.process = process;
        Address = new($"http://127.0.0.1:{port}");
    }

    public Uri Address { get; }

    /// <summary>Starts an example and waits until it answers.</summary>
    /// <param name="name">Its folder below examples/.</param>
    /// <param name="folder">Another folder to run it in, such as a copy; null for its own.</param>
    /// <param name="environment">Environment variables beside PORT.</param>
    public static async Task<ExampleProcess> StartAsync(string name, string? folder = null, params (string Name, string Value)[] environment)
    {
        folder ??= Path.Combine(Repository.Root, "examples", name);
        string[] command = name switch
        {
            "onboarding-tracker" => [await ToolAsync("dotnet", "the .NET SDK"), "run", "tracker.cs"],
            "flask-uploads" => [await PythonAsync("flask", "python3-flask"), "app.py"],
            "verify-assertion in Python" => [await PythonAsync("jwt, cryptography", "python3-jwt python3-cryptography"), "server.py"],
            "vite-page" => [await ToolAsync("node", "Node.js 20 or later"), "node_modules/vite/bin/vite.js"],
            _ => [await ToolAsync("node", "Node.js 20 or later"), File.Exists(Path.Combine(folder, "server.js")) ? "server.js" : "server.mjs"],
        };
        if (File.Exists(Path.Combine(folder, "package-lock.json")))
            await InstallAsync(folder);
        var port = FreePorts.One();
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // What the test runner's own MSBuild set would bend the child's.
        foreach (var variable in start.Environment.Keys.Where(static k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k == "ASPNETCORE_URLS").ToArray())
            start.Environment.Remove(variable);
        start.Environment["PORT"] = port.ToString();
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        var example = new ExampleProcess(new Process { StartInfo = start }, port);
        example.Launch();
        try
        {
            await example.ReadyAsync(name);
        }
        catch
        {
            await example.DisposeAsync();
            throw;
        }
        return example;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Launch()
    {
        void Keep(object _, DataReceivedEventArgs e)
        {
            lock (output)
                output.AppendLine(e.Data);
        }
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private async Task ReadyAsync(string name)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!process.HasExited && !limit.IsCancellationRequested)
        {
            try
            {
                using var _ = await client.GetAsync(Address, limit.Token);
                return;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                await Task.Delay(100);
            }
        }
        lock (output)
            throw new InvalidOperationException($"Example {name} did not start. It said:\n{output}");
    }

    private static async Task InstallAsync(string folder)
    {
        await Installing.WaitAsync();
        try
        {
            if (Directory.Exists(Path.Combine(folder, "node_modules")))
                return;
            var (code, said) = await RunAsync(await ToolAsync("npm", "npm 11 (npm install -g npm@11)"), folder, "ci", "--no-audit", "--no-fund");
            if (code != 0)
                throw new InvalidOperationException($"npm ci failed in {folder}: {said}");
        }
        finally
        {
            Installing.Release();
        }
    }

    private static async Task<string> ToolAsync(string tool, string what) =>
        await WorksAsync(tool, "--version") ? tool : throw new InvalidOperationException($"'{tool}' was not found on PATH. Install {what}.");

    // Debian's python3 has Debian's packages; the python3 on PATH may be another one.
    private static async Task<string> PythonAsync(string modules, string packages)
    {
        string?[] candidates = [Environment.GetEnvironmentVariable("PYTHON"), "python3", "/usr/bin/python3", "python"];
        foreach (var python in candidates.OfType<string>())
        {
            if (await WorksAsync(python, "-c", $"import {modules}"))
                return python;
        }
        throw new InvalidOperationException($"No Python with {modules} was found. Install it (apt-get install {packages}), or name the interpreter in PYTHON.");
    }

    private static async Task<bool> WorksAsync(string file, params string[] arguments)
    {
        try
        {
            return (await RunAsync(file, Repository.Root, arguments)).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Said)> RunAsync(string file, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, string.Concat(said));
    }
}
