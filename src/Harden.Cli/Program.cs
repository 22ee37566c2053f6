using System.CommandLine;
using System.CommandLine.Invocation;
using Harden.Cli.Access;
using Harden.Cli.Audit;
using Harden.Cli.Config;
using Harden.Cli.Keys;
using Harden.Cli.Limits;
using Harden.Cli.Run;
using Harden.Cli.Sessions;
using Harden.Cli.Supervise;
using Harden.Cli.Token;

namespace Harden.Cli;

/// <summary>The <c>harden</c> command: one line for each verb.</summary>
internal static class Program
{
    private const int IOFailed = 74; // EX_IOERR of sysexits.h

    private static Task<int> Main(string[] args) =>
        args is [Supervisor.Verb, "--", .. { Length: > 0 } command] ? Supervisor.RunAsync(command) : RunAsync(args);

    /// <summary>Runs a command line. A problem goes to standard error as a sentence and decides the exit code.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var parsed = Root().Parse(args);
            if (args.Length > 0 && parsed.Action is ParseErrorAction)
            {
                foreach (var sentence in UsageProblem.Sentences(parsed.Errors)) // the help would hide them
                    await Console.Error.WriteLineAsync(sentence);
                return parsed.CommandResult.Command.Name == ExplainCommand.Name ? ExplainCommand.BadUsage : AuditCommand.IsMeant(parsed.CommandResult) ? AuditCommand.BadUsage : 1;
            }
            // Commands handle signals themselves: the library's own handling would end the process before its children.
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (HostProblem problem)
        {
            if (problem.Message.Length > 0)
                await Console.Error.WriteLineAsync(problem.Message);
            return problem.ExitCode;
        }
        catch (IOException e)
        {
            await Console.Error.WriteLineAsync(e.Message); // of the output: a full disk
            return IOFailed;
        }
    }

    /// <summary>Every verb.</summary>
    internal static RootCommand Root() => new("Harden puts an unchanged prototype into production: sign-in, access rules, limits, audit.")
    {
        RunCommand.Create(),
        new Command("config", "Works with harden.json.") { CheckCommand.Create() },
        new Command("access", "Works with access rules.") { ExplainCommand.Create() },
        AuditCommand.Create(),
        KeyCommand.Create(),
        TokenCommand.Create(),
        LimitsCommand.Create(),
        SessionsCommand.Create(),
    };
}
