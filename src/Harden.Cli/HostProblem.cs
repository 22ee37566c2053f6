namespace Harden.Cli;

/// <summary>What stops a command: one or more clear sentences for the person at the terminal, and the exit code.</summary>
internal sealed class HostProblem(string message, int exitCode = 1) : Exception(message)
{
    /// <summary>The exit code of the process.</summary>
    public int ExitCode { get; } = exitCode;
}
