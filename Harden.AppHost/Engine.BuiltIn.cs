namespace Harden.AppHost;

/// <summary>The engine of the core package set: the host of <c>harden run</c>.</summary>
internal static class Engine
{
    /// <summary>Runs the prototype of the folder until Ctrl+C.</summary>
    public static Task<int> RunAsync(string folder, string[] args) => Cli.Program.RunAsync(["run", "--config", folder, .. args]);
}
