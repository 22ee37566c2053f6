using System.CommandLine;
using Harden.Audit;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit search</c>.</summary>
internal static class SearchCommand
{
    // Enough for a screen.
    private static readonly Option<int> Limit = new("--limit") { HelpName = "N", Description = "At most so many, newest first; 0 for all.", DefaultValueFactory = static _ => 100 };

    public static Command Create()
    {
        var command = new Command("search", "Lists requests, newest first.") { Limit, OpenedRecords.NoIndex, OpenedRecords.Fleet };
        QueryOptions.AddTo(command);
        command.SetAction(static (parsed, cancel) => ListAsync(OpenedRecords.Of(parsed), QueryOptions.Read(parsed), parsed.GetValue(Limit), cancel));
        return command;
    }

    private static async Task ListAsync(OpenedRecords opened, AuditQuery query, int limit, CancellationToken cancel)
    {
        using var output = new Output();
        var any = false;
        if (limit > 0)
        {
            AuditPage? page = null;
            await opened.ReadAsync(async () => page = await opened.Records.SearchAsync(query, null, limit, cancel), writes: false);
            foreach (var view in page!.Found)
                output.Line(EntryText.Line(view));
            any = page.Found.Count > 0;
        }
        else
        {
            await opened.ReadAsync(async () =>
            {
                await foreach (var view in opened.Records.ReadAsync(query, cancel))
                {
                    output.Line(EntryText.Line(view));
                    any = true;
                }
            }, writes: true);
        }
        if (!any)
            await Console.Error.WriteLineAsync("No request matches.");
    }
}
