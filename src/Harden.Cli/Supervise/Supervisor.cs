using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Harden.Cli.Supervise;

/// <summary>
/// <c>harden supervise -- COMMAND…</c>, a hidden command: the process that stands between the host and each program it starts. Its standard
/// input is a pipe that the host holds; the pipe ends with the host, however that dies, and then everything the program has started is
/// ended too. So npm's shell's node never outlives its host.
/// </summary>
internal static class Supervisor
{
    /// <summary>The name of the command.</summary>
    public const string Verb = "supervise";

    /// <summary>Written by the host to end everything in an orderly way, with a grace period. Its own end means the same.</summary>
    public const byte Stop = (byte)'t';

    /// <summary>Written by the host to end everything at once.</summary>
    public const byte KillNow = (byte)'k';

    /// <summary>Exit code for a command that can't be started, as shells have it.</summary>
    public const int CannotStart = 127;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    /// <summary>Runs the command until it ends or the host wants it to, and leaves nothing behind. Returns the command's exit code.</summary>
    public static async Task<int> RunAsync(string[] command)
    {
        using var tree = ProcessTree.Lead();
        var stop = new TaskCompletionSource();
        // Signals of a terminal don't come here (own process group); one sent by hand means the same as the host's end.
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => (context.Cancel, _) = (true, stop.TrySetResult()));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => (context.Cancel, _) = (true, stop.TrySetResult()));
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => (context.Cancel, _) = (true, stop.TrySetResult()));

        using var process = Start(command);
        if (process is null)
            return CannotStart;
        tree.Root = process;
        var exited = process.WaitForExitAsync();
        var host = HostAsync(stop);
        await Task.WhenAny(exited, stop.Task);
        if (!exited.IsCompleted)
            await Task.WhenAny(tree.TerminateAsync(Grace), host);
        await tree.KillAsync();
        await exited;
        return process.ExitCode;
    }

    // The program keeps our standard output and error, and gets an input that stays open and empty: several dev servers stop at its end.
    private static Process? Start(string[] command)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardInput = true });
        }
        catch (Win32Exception e)
        {
            Console.Error.WriteLine($"\"{command[0]}\" can't be started: {e.Message}.");
            return null;
        }
    }

    /// <summary>Completes when the host orders an immediate end; starts an orderly one when it asks for that or is gone.</summary>
    private static async Task HostAsync(TaskCompletionSource stop)
    {
        await using var host = Console.OpenStandardInput();
        var order = new byte[1];
        while (await host.ReadAsync(order) > 0)
        {
            stop.TrySetResult();
            if (order[0] == KillNow)
                return;
        }
        stop.TrySetResult();
        await Task.Delay(Timeout.Infinite);
    }
}
