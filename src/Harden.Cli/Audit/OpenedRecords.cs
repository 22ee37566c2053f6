using System.CommandLine;
using Harden.Audit;
using Harden.Audit.Index;
using Harden.Audit.Postgres;
using Npgsql;
using Spectre.Console;

namespace Harden.Cli.Audit;

/// <summary>The record in a directory: by its index if that is there and up to the log, else by the files, with a bar that shows how far it is.</summary>
internal sealed class OpenedRecords
{
    public static readonly Option<bool> NoIndex = new("--no-index") { Description = "Read the files of the log, which are signed, and not the index, which is not." };

    public static readonly Option<bool> Fleet = new("--fleet") { Description = "Ask PostgreSQL, where all replicas ship to, and not the log here. Its connection string is in the environment, as for the gateway: ConnectionStrings__audit." };

    private const string FleetVariable = "ConnectionStrings__audit";

    private readonly AuditReader? reader; // null for PostgreSQL

    private OpenedRecords(NpgsqlDataSource source) => Records = new PostgresRecords(source);

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
    public static OpenedRecords Of(ParseResult parsed) => parsed.GetValue(Fleet) ? OfFleet() : new(AuditCommand.DirectoryOf(parsed), !parsed.GetValue(NoIndex));

    /// <summary>Does something that reads. While it reads files, a terminal sees how far it is; nothing else does.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="writes">It writes to standard output as it goes, where a bar would be in the way.</param>
    public async Task ReadAsync(Func<Task> work, bool writes)
    {
        if (reader is null)
        {
            await AskAsync(work);
            return;
        }
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

    private static OpenedRecords OfFleet()
    {
        if (Environment.GetEnvironmentVariable(FleetVariable) is not { Length: > 0 } text)
            throw new HostProblem($"{FleetVariable} is not set, so there is no PostgreSQL to ask. Set it to the connection string that the gateways have.", AuditCommand.NoInput);
        try
        {
            return new(NpgsqlDataSource.Create(text));
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new HostProblem($"{FleetVariable} is not a PostgreSQL connection string such as Host=localhost;Database=harden;Username=harden.", AuditCommand.NoInput);
        }
    }

    private static async Task AskAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            throw new HostProblem("That PostgreSQL holds no record: no gateway has shipped its log there yet.", AuditCommand.NoInput);
        }
        catch (NpgsqlException e)
        {
            throw new HostProblem($"PostgreSQL can't be asked: {e.Message}", AuditCommand.NoInput);
        }
    }
}
