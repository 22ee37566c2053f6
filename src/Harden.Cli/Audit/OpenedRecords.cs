using System.CommandLine;
using Harden.Audit;
using Harden.Audit.Index;
using Spectre.Console;

namespace Harden.Cli.Audit;

/// <summary>The record in a directory: by its index if that is there and up to the log, else by the files, with a bar that shows how far it is.</summary>
internal sealed class OpenedRecords
{
    public static readonly Option<bool> NoIndex = new("--no-index") { Description = "Read the files of the log, which are signed, and not the index, which is not." };

    private readonly AuditReader reader;

    private OpenedRecords(string directory, bool indexed)
    {
        reader = new(directory);
        var scan = new ScannedRecords(reader);
        var path = StoredIndex.PathBeside(directory);
        Records = indexed ? new IndexedRecords(new(directory, path), new StoredIndex(directory, path), scan) : scan;
    }

    public IAuditRecords Records { get; }

    /// <summary>Opens the log that the command line names.</summary>
    /// <exception cref="HostProblem">There is none.</exception>
    public static OpenedRecords Of(ParseResult parsed) => new(AuditCommand.DirectoryOf(parsed), !parsed.GetValue(NoIndex));

    /// <summary>Does something that reads. While it reads files, a terminal sees how far it is; nothing else does.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="writes">It writes to standard output as it goes, where a bar would be in the way.</param>
    public async Task ReadAsync(Func<Task> work, bool writes)
    {
        if (Console.IsErrorRedirected || (writes && !Console.IsOutputRedirected))
        {
            await work();
            return;
        }
        var terminal = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        await terminal.Progress().AutoClear(true).StartAsync(async progress =>
        {
            var bar = progress.AddTask("Reading the log", maxValue: Math.Max(1, reader.Length));
            using var timer = new Timer(_ => bar.Value = Math.Max(bar.Value, reader.Passed), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
            await Task.Run(work);
        });
    }
}
