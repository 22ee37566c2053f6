using System.CommandLine;
using Harden.Audit;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit</c>: reads and checks a log offline, from its files alone.</summary>
internal static class AuditCommand
{
    private static readonly Option<string> Log = new("--log")
    {
        Description = "Directory of the audit log, or a copy of it.",
        DefaultValueFactory = static _ => Path.Combine(".harden", "audit"),
        Recursive = true,
    };

    /// <summary>Exit code where there is nothing to read: <c>EX_NOINPUT</c> of <c>sysexits.h</c>, apart from what <c>verify</c> says with 1 to 3.</summary>
    public const int NoInput = 66;

    /// <summary>The verb with all its own.</summary>
    public static Command Create() => new("audit", "Reads and verifies the audit log.") { Log, VerifyCommand.Create(), ProveCommand.Create(), ProveCommand.CreateVerify(), HoldCommand.Create(), SearchCommand.Create(), ShowCommand(), TailCommand(), ExportCommand.Create() };

    /// <summary>The log's directory.</summary>
    /// <exception cref="HostProblem">There is none.</exception>
    public static string DirectoryOf(ParseResult parsed)
    {
        var directory = Path.GetFullPath(parsed.GetValue(Log)!);
        return Directory.Exists(directory) ? directory
            : throw new HostProblem($"There is no audit log in {directory}. Name its directory with --log, such as --log .harden/audit.", NoInput);
    }

    private static Command ShowCommand()
    {
        var id = new Argument<string>("id") { Description = "Request id or trace id, as error pages and the header X-Harden-Trace name it." };
        var command = new Command("show", "Shows everything the log knows of one request.") { id };
        command.SetAction(parsed =>
        {
            var views = new AuditReader(DirectoryOf(parsed)).Read(new() { Id = parsed.GetValue(id)! }).ToArray();
            if (views.Length == 0)
                throw new HostProblem($"The log has no request with the id \"{parsed.GetValue(id)}\".");
            foreach (var view in views)
                Console.Out.WriteLine(EntryText.Whole(view));
        });
        return command;
    }

    private static Command TailCommand()
    {
        var count = new Option<int>("--count", "-n") { Description = "How many requests.", DefaultValueFactory = static _ => 20 };
        var command = new Command("tail", "Lists the latest requests, oldest first.") { count };
        command.SetAction(parsed =>
        {
            foreach (var view in new AuditReader(DirectoryOf(parsed)).Read().Take(Math.Max(0, parsed.GetValue(count))).Reverse())
                Console.Out.WriteLine(EntryText.Line(view));
        });
        return command;
    }
}
