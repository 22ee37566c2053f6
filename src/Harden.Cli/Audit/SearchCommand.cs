using System.CommandLine;
using Harden.Audit;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit search</c>, and the options by which requests are chosen.</summary>
internal static class SearchCommand
{
    private static readonly Argument<string?> Text = new("text") { Description = "A part of path, query, user or request id.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<int?> Status = new("--status") { Description = "First digit of the status, 1 to 5." };
    private static readonly Option<string?> Action = new("--action") { Description = "forward, answer, signIn, deny, limit, refuse or fail." };
    private static readonly Option<DateTimeOffset?> From = new("--from") { Description = "Began at or after, such as 2026-01-31T09:00Z." };
    private static readonly Option<DateTimeOffset?> To = new("--to") { Description = "Began before." };
    private static readonly Option<int?> Limit = new("--limit") { Description = "At most so many, newest first; 0 for all. Default: 100 for search, all for export." };

    // Enough for a screen; who exports wants the whole, and would not notice that it was cut.
    private const int SearchLimit = 100, NoLimit = 0;

    public static Command Create()
    {
        var command = new Command("search", "Lists requests, newest first.");
        AddTo(command);
        command.SetAction(static parsed =>
        {
            foreach (var view in Find(parsed, SearchLimit))
                Console.Out.WriteLine(EntryText.Line(view));
        });
        return command;
    }

    /// <summary>Adds the options to another verb.</summary>
    public static void AddTo(Command command)
    {
        command.Arguments.Add(Text);
        foreach (var option in (Option[])[Status, Action, From, To, Limit])
            command.Options.Add(option);
    }

    /// <summary>What the options choose, read as it is enumerated.</summary>
    public static IEnumerable<AuditView> Find(ParseResult parsed, int limit = NoLimit)
    {
        var found = new AuditReader(AuditCommand.DirectoryOf(parsed)).Read(new()
        {
            Text = parsed.GetValue(Text) ?? "",
            StatusClass = parsed.GetValue(Status),
            Action = parsed.GetValue(Action) ?? "",
            From = parsed.GetValue(From),
            To = parsed.GetValue(To),
        });
        limit = parsed.GetValue(Limit) ?? limit;
        return limit > 0 ? found.Take(limit) : found;
    }
}
