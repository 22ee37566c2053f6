using System.CommandLine;
using System.Globalization;
using Harden.Audit;
using Harden.Audit.Bodies;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit verify</c>: exit code 0 intact, 1 altered, 2 incomplete, 3 the end can't be verified.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var key = new Option<string?>("--key") { HelpName = "FILE", Description = "Public key of the checkpoints (PEM), kept where the log's writer could not change it. Default: the one beside the log." };
        var kept = new Option<string?>("--checkpoints") { HelpName = "FILE", Description = "File of checkpoints that were kept in a second place (Audit:CheckpointCopy)." };
        var bodyKey = new Option<string?>("--body-key") { HelpName = "FILE", Description = "File of the keys of recorded bodies (Audit:BodyKey), to check what they say; without it a checksum has to do." };
        var command = new Command("verify", "Checks that nothing was altered or is missing. Exit code 0 intact, 1 altered, 2 incomplete, 3 unverifiable end.") { key, kept, bodyKey };
        command.SetAction(parsed =>
        {
            var directory = AuditCommand.DirectoryOf(parsed);
            var named = parsed.GetValue(key);
            using var opened = CheckpointKey.TryOpenPublic(named ?? Path.Combine(directory, CheckpointKey.PublicName));
            if (opened is null && named is not null)
                throw new HostProblem($"{named} is not an ECDSA key in PEM.", AuditCommand.NoInput);
            if (parsed.GetValue(kept) is { } file && !File.Exists(file))
                throw new HostProblem($"There is no file {file}. Give the one that Audit:CheckpointCopy names.", AuditCommand.NoInput);
            var verifier = new AuditVerifier(directory, opened, parsed.GetValue(bodyKey) is { } keys ? Keys(keys) : null);
            var findings = verifier.Run(parsed.GetValue(kept));
            var code = AuditCommand.ExitCode(findings, opened is not null);
            foreach (var finding in findings)
                Console.Out.WriteLine(EntryText.Inert($"{Word(finding.Verdict)}{(finding.File.Length > 0 ? $" {finding.File}" : "")}: {finding.Text}"));
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{verifier.Entries:N0} entries of {verifier.Boots} {(verifier.Boots == 1 ? "boot" : "boots")}{(verifier.Bodies > 0 ? $" and {verifier.Bodies:N0} bodies" : "")} checked: {(code == 0 ? "intact" : Word((Verdict)code))}."));
            foreach (var (boot, from, to) in verifier.Found)
                Console.Out.WriteLine($"Entries {from} to {to} of boot {boot} were signed for only at the next start, because a crash came between.");
            if (verifier.Deleted > 0)
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{verifier.Deleted:N0} older entries were deleted by retention, as signed tombstones say."));
            if (verifier.Bodies > 0 && !verifier.OpensBodies)
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"What the {(verifier.Bodies == 1 ? "1 body says was not checked, only that it is there and matches its checksum" : $"{verifier.Bodies:N0} bodies say was not checked, only that they are there and match their checksums")}: whoever alters one can mend that. Give --body-key to check it."));
            if (opened is null)
                Console.Out.WriteLine("There is no public key, so only checksums and order were checked: whoever could write the files could mend those.");
            else if (named is null)
                Console.Out.WriteLine("The public key is the one beside the log. Give --key with a copy from elsewhere to rule out that both were replaced.");
            if (parsed.GetValue(kept) is null)
                Console.Out.WriteLine("Nothing from a second place was compared, so a newest start that is gone as a whole, or an end cut back to an older checkpoint, would not show. Give --checkpoints.");
            return code;
        });
        return command;
    }

    private static BodyKeys Keys(string file)
    {
        try
        {
            return BodyKeys.Open(file);
        }
        catch (AuditLogException e)
        {
            throw new HostProblem(e.Message, AuditCommand.NoInput);
        }
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Altered => "altered",
        Verdict.Incomplete => "incomplete",
        _ => "unverifiable",
    };
}
