using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Harden.Cli.Tests;

/// <summary>One of Harden's programs as a process, read line by line.</summary>
internal sealed class HardenProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly Task<string> output;

    private HardenProcess(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Starts one, such as harden.dll, beside the tests.</summary>
    public static HardenProcess Start(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // Who runs tests in the background has SIGINT ignored, and every child would inherit that.
        var start = new ProcessStartInfo("env", ["--default-signal=HUP,INT", Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, program), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>Runs harden to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var process = Start("harden.dll", environment, arguments);
        return await process.EndAsync();
    }

    /// <summary>Reads standard error until a line fits.</summary>
    public async Task<Match> SaysAsync(string pattern)
    {
        using var limit = new CancellationTokenSource(Patience);
        var seen = "";
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (Regex.Match(line, pattern) is { Success: true } match)
                return match;
            seen += line + "\n";
        }
        throw new InvalidOperationException($"It ended without \"{pattern}\": {seen}");
    }

    /// <summary>Sends a signal, as Ctrl+C in a terminal does.</summary>
    public void Signal(string name) => Process.Start("kill", ["-" + name, $"{process.Id}"]).WaitForExit(Patience);

    /// <summary>Waits for its end; standard error is what has not been read yet.</summary>
    public async Task<(int Code, string Output, string Error)> EndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
