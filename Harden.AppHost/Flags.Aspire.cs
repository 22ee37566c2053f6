using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Harden.Cli;
using Harden.Cli.Run;

namespace Harden.AppHost;

/// <summary>What the command line says beyond the choice of the prototype.</summary>
/// <param name="Run">Ports of the run, as the flags of <c>harden run</c> give them.</param>
/// <param name="DashboardPort">Port of Aspire's dashboard; null for the default.</param>
/// <param name="Aspire">Arguments for Aspire itself.</param>
internal sealed record Flags(RunRequest Run, int? DashboardPort, string[] Aspire)
{
    private static readonly Option<int?> Dashboard = RunCommand.PortOption("--dashboard-port", "Port of Aspire's dashboard. Default 15080.");

    /// <summary>True if a deployment is to be written, as <c>aspire publish</c> asks for it: all arguments are Aspire's then.</summary>
    public static bool IsPublishing(string[] args) => args.Contains("--operation") || args.Contains("--publisher");

    /// <summary>Reads the arguments of a run; null if they asked for help only, which was given.</summary>
    /// <exception cref="HostProblem">An argument is not known or not possible.</exception>
    public static Flags? Read(string folder, string[] args)
    {
        var command = new RootCommand("Runs a prototype behind Harden, with Aspire.\n  --example NAME        one of the examples instead of onboarding-tracker\n  FOLDER                as the first argument: any folder with a harden.json")
        {
            RunCommand.Port, RunCommand.ConsolePort, RunCommand.EntraPort, Dashboard,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        var parsed = command.Parse(args);
        // --Key=value is configuration of Aspire or of .NET.
        var unknown = parsed.UnmatchedTokens.Where(static token => !token.StartsWith("--", StringComparison.Ordinal) || !token.Contains('='))
            .Select(static token => $"\"{token}\" is not known here. --help lists what is.").ToArray();
        if (parsed.Action is ParseErrorAction || unknown.Length > 0)
            throw new HostProblem(string.Join(Environment.NewLine, UsageProblem.Sentences(parsed.Errors).Concat(unknown)));
        if (parsed.Action is not null)
        {
            parsed.Invoke(); // --help, --version
            return null;
        }
        var run = new RunRequest
        {
            Config = folder,
            Port = parsed.GetValue(RunCommand.Port),
            ConsolePort = parsed.GetValue(RunCommand.ConsolePort),
            EntraPort = parsed.GetValue(RunCommand.EntraPort),
        };
        return new(run, parsed.GetValue(Dashboard), [.. parsed.UnmatchedTokens]);
    }
}
