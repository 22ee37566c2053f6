using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harden.Browser.Tests;

/// <summary>A copy of an example behind Harden, as a developer starts it: <c>harden run</c> as a process of its own, on free ports.</summary>
internal sealed class HardenRun : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();

    private HardenRun(Process process, string folder, int[] ports)
    {
        this.process = process;
        Folder = folder;
        App = new($"http://localhost:{ports[0]}");
        Console = new($"http://localhost:{ports[1]}");
    }

    /// <summary>The copy, which a test may edit.</summary>
    public string Folder { get; }

    /// <summary>Where the app is.</summary>
    public Uri App { get; }

    /// <summary>Where Harden's console is.</summary>
    public Uri Console { get; }

    /// <summary>What <c>harden run</c> has said.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>Copies the example, starts it and waits until Harden is ready.</summary>
    public static async Task<HardenRun> StartAsync(string example)
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("harden-browser-").FullName, example);
        await CopyAsync(Path.Combine(Repository.Root, "examples", example), folder);
        return await StartInAsync(folder);
    }

    /// <summary>The same for a prototype that the test has written: its folder is deleted with the one it is in.</summary>
    public static async Task<HardenRun> StartInAsync(string folder)
    {
        var ports = (int[])[FreePorts.One(), FreePorts.One(), FreePorts.One()];
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "harden.dll"), "run", "--config", folder,
            "--port", $"{ports[0]}", "--console-port", $"{ports[1]}", "--entra-port", $"{ports[2]}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
        };
        // What the test runner's own MSBuild set would bend `dotnet run`.
        foreach (var variable in start.Environment.Keys.Where(static k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(variable);
        var run = new HardenRun(new Process { StartInfo = start }, folder, ports);
        run.Launch();
        try
        {
            await run.ReadyAsync();
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            using (var ask = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                await ask.WaitForExitAsync();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        process.Dispose();
        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
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

    private async Task ReadyAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!process.HasExited && !limit.IsCancellationRequested)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(App, "/.harden/health/ready"), limit.Token);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // not there yet
            }
            await Task.Delay(200);
        }
        throw new InvalidOperationException($"Harden was not ready in time. It said:\n{Output}");
    }

    private static async Task CopyAsync(string from, string to)
    {
        var modules = Path.Combine(from, "node_modules");
        if (File.Exists(Path.Combine(from, "package-lock.json")) && !Directory.Exists(modules))
            throw new InvalidOperationException($"{from} has no node_modules: run `npm ci` there first (Node.js 20.19 or later).");
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(from, file);
            if (relative.StartsWith("node_modules", StringComparison.Ordinal) || relative.StartsWith(".harden", StringComparison.Ordinal) || relative.StartsWith("uploads", StringComparison.Ordinal))
                continue;
            var target = Path.Combine(to, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await File.WriteAllBytesAsync(target, await File.ReadAllBytesAsync(file));
        }
        if (Directory.Exists(modules))
            Directory.CreateSymbolicLink(Path.Combine(to, "node_modules"), modules);
    }
}
