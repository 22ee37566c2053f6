using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harden.Audit;
using Harden.Audit.Proof;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit prove</c> and <c>verify-proof</c>: shows one request to somebody who must not see the rest, and can still trust it.</summary>
internal static class ProveCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Request id or trace id." };
        var output = new Option<string>("--output", "-o") { Description = "File to write.", DefaultValueFactory = static _ => "proof.json" };
        var command = new Command("prove", "Writes a proof that a request is in the log, for somebody who has no log.") { id, output };
        command.SetAction(parsed =>
        {
            var directory = AuditCommand.DirectoryOf(parsed);
            using var key = CheckpointKey.TryOpenPublic(Path.Combine(directory, CheckpointKey.PublicName))
                ?? throw new HostProblem($"There is no public key {CheckpointKey.PublicName} in {directory}, so nothing in it is signed.", AuditCommand.NoInput);
            try
            {
                var proof = new Prover(directory, key).Prove(parsed.GetValue(id)!);
                File.WriteAllBytes(parsed.GetValue(output)!, proof.ToBytes());
                Console.Out.WriteLine($"{parsed.GetValue(output)} proves {proof.Entries.Count} {(proof.Entries.Count == 1 ? "entry" : "entries")}. Check it with: harden audit verify-proof {parsed.GetValue(output)} --key {CheckpointKey.PublicName}");
            }
            catch (Exception e) when (e is AuditLogException or IOException or UnauthorizedAccessException)
            {
                throw new HostProblem(e.Message);
            }
        });
        return command;
    }

    public static Command CreateVerify()
    {
        var file = new Argument<string>("proof") { Description = "The file that prove wrote." };
        var key = new Option<string>("--key") { Description = "Public key of the log (PEM), from somewhere you trust.", Required = true };
        var command = new Command("verify-proof", "Checks a proof without the log. Exit code 0 proven, 1 not.") { file, key };
        command.SetAction(parsed =>
        {
            using var opened = CheckpointKey.TryOpenPublic(parsed.GetValue(key)!) ?? throw new HostProblem($"{parsed.GetValue(key)} is not an ECDSA key in PEM.", AuditCommand.NoInput);
            return Verify(parsed.GetValue(file)!, opened);
        });
        return command;
    }

    private static int Verify(string path, ECDsa key)
    {
        if (!File.Exists(path))
            throw new HostProblem($"There is no file {path}. Give the one that harden audit prove wrote.", AuditCommand.NoInput);
        if (ProofFile.TryParse(File.ReadAllBytes(path)) is not { } proof)
            throw new HostProblem($"{path} is not a proof of format {ProofFile.Current}: it was cut off, or is something else.");
        var problems = proof.Check(key);
        foreach (var problem in problems)
            Console.Out.WriteLine($"not proven: {problem}");
        if (problems.Count > 0)
            return (int)Verdict.Altered;
        foreach (var proven in proof.Entries)
        {
            var entry = AuditEntry.TryParse(Encoding.UTF8.GetBytes(proven.Entry))!;
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"proven: entry {proven.Index}, {entry.Stage.ToString().ToLowerInvariant()}: ") + EntryText.Line(AuditView.Join(entry, null, live: true)));
        }
        return 0;
    }
}
