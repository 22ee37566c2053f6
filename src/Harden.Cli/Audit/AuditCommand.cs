using System.CommandLine;
using System.CommandLine.Parsing;
using Harden.Audit;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit</c>: reads and checks a log offline, from its files alone.</summary>
internal static class AuditCommand
{
    private static readonly Option<string> Log = new("--log")
    {
        HelpName = "DIRECTORY",
        Description = "Directory of the audit log, or a copy of it.",
        DefaultValueFactory = static _ => Path.Combine(".harden", "audit"),
        Recursive = true,
    };

    private const string Name = "audit";

    /// <summary>Exit code where there is nothing to read: <c>EX_NOINPUT</c> of <c>sysexits.h</c>, apart from what <c>verify</c> says with 1 to 3.</summary>
    public const int NoInput = 66;

    /// <summary>Exit code of a command line that can't be meant: <c>EX_USAGE</c>, for a verb whose exit code is a verdict must not say "altered" because of a misspelt option.</summary>
    public const int BadUsage = 64;

    /// <summary>The verb with all its own.</summary>
    public static Command Create() => new(Name, "Reads and verifies the audit log.") { Log, VerifyCommand.Create(), ProveCommand.Create(), ProveCommand.CreateVerify(), HoldCommand.Create(), SearchCommand.Create(), ShowCommand.Create(), TailCommand.Create(), ExportCommand.Create() };

    /// <summary>True if the command line is one of <c>harden audit</c>.</summary>
    public static bool IsMeant(CommandResult parsed) => parsed.Command.Name == Name || (parsed.Parent is CommandResult parent && IsMeant(parent));

    /// <summary>The exit code for what was found. Where nothing was signed for as far as can be known, nothing is intact either.</summary>
    public static int ExitCode(IReadOnlyList<Finding> findings, bool hasKey) => findings.Count == 0 && !hasKey ? (int)Verdict.Unverifiable : AuditVerifier.ExitCode(findings);

    /// <summary>The log's directory.</summary>
    /// <exception cref="HostProblem">There is none.</exception>
    public static string DirectoryOf(ParseResult parsed)
    {
        var directory = Path.GetFullPath(parsed.GetValue(Log)!);
        return Directory.Exists(directory) ? directory
            : throw new HostProblem($"There is no audit log in {directory}. Name its directory with --log, such as --log .harden/audit.", NoInput);
    }
}
