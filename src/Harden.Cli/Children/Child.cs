using System.Diagnostics;
using Harden.Cli.Supervise;

namespace Harden.Cli.Children;

/// <summary>One program, run under a supervisor of its own, so that it and all it starts end with this process.</summary>
internal sealed class Child
{
    private static readonly TimeSpan OutputAfterExit = TimeSpan.FromSeconds(2);

    private readonly Lines lines;
    private readonly Supervisors supervisors;

    public Child(ChildSpec spec, LogOutput output, Supervisors supervisors)
    {
        Spec = spec;
        this.supervisors = supervisors;
        lines = new(spec.IsQuiet ? static _ => { } : line => output.Line(spec.Name, line));
    }

    /// <summary>What is run.</summary>
    public ChildSpec Spec { get; }

    /// <summary>What it wrote last, oldest first.</summary>
    public string[] LastLines => lines.Last;

    /// <summary>Starts it and waits for its end. Returns its exit code.</summary>
    /// <param name="stop">Ends it in an orderly way, together with all it has started.</param>
    /// <param name="kill">Ends it at once.</param>
    public async Task<int> RunAsync(CancellationToken stop, CancellationToken kill)
    {
        lines.Clear();
        using var process = supervisors.Start(StartInfo());
        var output = Task.WhenAll(lines.PumpAsync(process.StandardOutput), lines.PumpAsync(process.StandardError));
        await using (stop.Register(() => Order(process, Supervisor.Stop)))
        await using (kill.Register(() => Order(process, Supervisor.KillNow)))
        {
            await process.WaitForExitAsync(CancellationToken.None);
        }
        await supervisors.ClearAsync(process, kill); // nothing, unless somebody killed the supervisor alone
        await Task.WhenAny(output, Task.Delay(OutputAfterExit, CancellationToken.None));
        return process.ExitCode;
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(DotNet.Path, [typeof(Supervisor).Assembly.Location, Supervisor.Verb, "--", .. Spec.Command])
        {
            WorkingDirectory = Spec.Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Spec.Environment)
            start.Environment[name] = value;
        return start;
    }

    private static void Order(Process process, byte order)
    {
        try
        {
            process.StandardInput.BaseStream.WriteByte(order);
            process.StandardInput.BaseStream.Flush();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It ended meanwhile, which is what was wanted.
        }
    }
}
