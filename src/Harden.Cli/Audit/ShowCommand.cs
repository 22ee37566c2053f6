using System.CommandLine;
using Harden.Audit;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit show</c>.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Request id or trace id, as error pages and the header X-Harden-Trace name it." };
        var command = new Command("show", "Shows everything the log knows of one request.") { id, OpenedRecords.NoIndex, OpenedRecords.Fleet };
        command.SetAction(async (parsed, cancel) =>
        {
            var wanted = parsed.GetValue(id)!.Trim();
            var opened = OpenedRecords.Of(parsed);
            IReadOnlyList<AuditView> found = [];
            await opened.ReadAsync(async () => found = await opened.Records.FindAsync(wanted, cancel), writes: false);
            if (found.Count == 0)
                throw new HostProblem($"The log has no request with the id \"{wanted}\". Give a whole request id or trace id: 32 digits and letters a to f.");
            using var output = new Output();
            foreach (var view in found)
                output.Line(EntryText.Whole(view));
        });
        return command;
    }
}
