using System.ComponentModel;
using System.Diagnostics;

namespace Harden.Hosting.Decisions;

/// <summary>Asks whether Docker or Podman really answers. An installed one whose engine is stopped makes Aspire wait for ever, so being on PATH is not enough.</summary>
internal static class ContainerRuntime
{
    /// <summary>How long one runtime may take to answer. A running engine answers within tens of milliseconds; a cold Docker Desktop within seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The name of the first runtime that answers; null if none does.</summary>
    /// <param name="configured">The one that <c>ASPIRE_CONTAINER_RUNTIME</c> names; null to ask all that Aspire knows.</param>
    /// <param name="patience">How long to wait for an answer.</param>
    public static async Task<string?> FindAsync(string? configured, TimeSpan patience)
    {
        string[] candidates = string.IsNullOrEmpty(configured) ? ["docker", "podman"] : [configured];
        var answers = await Task.WhenAll(candidates.Select(name => AnswersAsync(name, patience)));
        var first = Array.IndexOf(answers, true);
        return first < 0 ? null : candidates[first];
    }

    // The question that Aspire's own orchestrator asks: a client alone can't answer it.
    private static async Task<bool> AnswersAsync(string name, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(name, ["container", "ls", "-n", "1"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            try
            {
                process.StandardInput.Close();
                await Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
                await process.WaitForExitAsync(limit.Token);
                return process.ExitCode == 0;
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return false;
            }
        }
        catch (Win32Exception)
        {
            return false; // not installed
        }
    }
}
