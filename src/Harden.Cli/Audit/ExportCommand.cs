using System.CommandLine;
using System.Globalization;
using Harden.Audit;
using Harden.Audit.Bodies;
using Harden.Cli.Audit.Export;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit export</c>: requests on standard output, written as the log is read.</summary>
internal static class ExportCommand
{
    // All unless told otherwise: who exports would not notice that it was cut.
    private static readonly Option<int> Limit = new("--limit") { HelpName = "N", Description = "At most so many, newest first; 0 for all.", DefaultValueFactory = static _ => 0 };
    private static readonly Option<string> Format = new("--format") { Description = "jsonl (one entry a line, as in the log), csv, har (HTTP Archive 1.2), ocsf (HTTP Activity, one a line).", DefaultValueFactory = static _ => "jsonl" };
    private static readonly Option<bool> Bodies = new("--bodies") { Description = "With recorded bodies, redacted as they were kept; for jsonl and har." };
    private static readonly Option<string?> BodyKey = new("--body-key") { HelpName = "FILE", Description = "File of the keys of recorded bodies. Default: audit-key/bodies.key beside the log." };
    private static readonly Option<bool> Verify = new("--verify") { Description = "Check first that nothing was altered or is missing, and say so on standard error; the exit code is that of verify." };
    private static readonly Option<string?> Key = new("--key") { HelpName = "FILE", Description = "Public key for --verify. Default: the one beside the log." };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong("jsonl", "csv", "har", "ocsf");
        var command = new Command("export", "Writes requests to standard output, newest first.") { Format, Bodies, BodyKey, Verify, Key, Limit, OpenedRecords.NoIndex, OpenedRecords.Fleet };
        QueryOptions.AddTo(command);
        command.SetAction(static async (parsed, cancel) =>
        {
            if (parsed.GetValue(OpenedRecords.Fleet) && (parsed.GetValue(Bodies) || parsed.GetValue(Verify)))
                throw new HostProblem("--bodies and --verify read the files of a log, so they don't go with --fleet. Use them where the log is; bodies of other replicas are in the console.", AuditCommand.BadUsage);
            var directory = parsed.GetValue(OpenedRecords.Fleet) ? "" : AuditCommand.DirectoryOf(parsed);
            var query = QueryOptions.Read(parsed);
            using var output = new Output();
            var format = FormatOf(parsed, directory, output);
            var code = parsed.GetValue(Verify) ? Check(directory, parsed.GetValue(Key)) : 0;
            var opened = OpenedRecords.Of(parsed);
            await opened.ReadAsync(() => WriteAsync(opened.Records, query, format, parsed.GetValue(Limit), cancel), writes: true);
            return code;
        });
        return command;
    }

    private static async Task WriteAsync(IAuditRecords records, AuditQuery query, IExportFormat format, int limit, CancellationToken cancel)
    {
        format.Begin();
        var count = 0;
        await foreach (var view in records.ReadAsync(query, cancel))
        {
            format.Write(view);
            if (++count == limit)
                break;
        }
        format.End();
    }

    private static IExportFormat FormatOf(ParseResult parsed, string directory, Output output)
    {
        var format = parsed.GetValue(Format)!;
        if (parsed.GetValue(Bodies) && format is not ("jsonl" or "har"))
            throw new HostProblem($"--bodies goes with --format jsonl or har; {format} has no place for bodies.", AuditCommand.BadUsage);
        var bodies = parsed.GetValue(Bodies) ? new BodyReader(directory, KeysOf(parsed, directory)) : null;
        return format switch
        {
            "csv" => new CsvFormat(output),
            "har" => new HarFormat(output, bodies),
            "ocsf" => new OcsfFormat(output),
            _ => new JsonLinesFormat(output, bodies),
        };
    }

    private static BodyKeys KeysOf(ParseResult parsed, string directory)
    {
        var file = parsed.GetValue(BodyKey) ?? Path.Combine(Path.GetDirectoryName(directory.TrimEnd(Path.DirectorySeparatorChar)) ?? directory, "audit-key", "bodies.key");
        if (!File.Exists(file))
            throw new HostProblem($"There is no file {file} with the keys of bodies. Name it with --body-key, or leave --bodies out.", AuditCommand.NoInput);
        try
        {
            return BodyKeys.Open(file);
        }
        catch (AuditLogException e)
        {
            throw new HostProblem(e.Message, AuditCommand.NoInput);
        }
    }

    private static int Check(string directory, string? named)
    {
        using var key = CheckpointKey.TryOpenPublic(named ?? Path.Combine(directory, CheckpointKey.PublicName));
        if (key is null && named is not null)
            throw new HostProblem($"{named} is not an ECDSA key in PEM.", AuditCommand.NoInput);
        var verifier = new AuditVerifier(directory, key);
        var findings = verifier.Run();
        foreach (var finding in findings)
            Console.Error.WriteLine(EntryText.Inert($"{finding.Verdict}{(finding.File.Length > 0 ? $" {finding.File}" : "")}: {finding.Text}"));
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{verifier.Entries:N0} entries checked: {(findings.Count > 0 ? "the log is not intact. What is exported is what is there" : key is null ? "checksums and order hold; there is no public key to prove more" : "intact")}."));
        if (verifier.Bodies > 0)
            Console.Error.WriteLine("What recorded bodies say was not checked: harden audit verify --body-key does.");
        return AuditCommand.ExitCode(findings, key is not null);
    }
}
