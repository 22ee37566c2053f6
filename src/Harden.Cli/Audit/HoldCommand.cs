using System.CommandLine;
using Harden.Audit;
using Harden.Audit.Retention;

namespace Harden.Cli.Audit;

/// <summary><c>harden audit hold</c>: legal holds. While one is in force retention deletes nothing; a gateway that runs puts each change on record.</summary>
internal static class HoldCommand
{
    public static Command Create() => new("hold", "Stops retention from deleting anything, for as long as a hold is in force.") { Add(), List(), Release() };

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "Name of the hold, such as a case number." };
        var reason = new Option<string>("--reason") { Description = "Why; stands in the record.", Required = true };
        var command = new Command("add", "Puts a hold on.") { name, reason };
        command.SetAction(parsed => Change(parsed, directory =>
        {
            HoldFile.Add(directory, new() { Name = Line(parsed.GetValue(name)!), Reason = Line(parsed.GetValue(reason)!), By = Environment.UserName, At = TimeProvider.System.GetUtcNow() });
            return $"Hold \"{parsed.GetValue(name)}\" is in force: nothing is deleted until it is released.";
        }));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists all holds, also those that were released.");
        command.SetAction(static parsed => Change(parsed, static directory =>
        {
            var holds = HoldFile.Read(directory);
            return holds.Count == 0 ? "There are no holds." : string.Join('\n', holds.Select(static h =>
                EntryText.Inert($"{(h.Released is null ? "in force" : "released")}  {h.Name}  {h.At.UtcDateTime:yyyy-MM-dd HH:mm} by {h.By}: {h.Reason}{(h.Released is { } r ? $"  (released {r.At.UtcDateTime:yyyy-MM-dd HH:mm} by {r.By}: {r.Reason})" : "")}")));
        }));
        return command;
    }

    private static Command Release()
    {
        var name = new Argument<string>("name") { Description = "Name of the hold." };
        var reason = new Option<string>("--reason") { Description = "Why; stands in the record.", Required = true };
        var command = new Command("release", "Ends a hold.") { name, reason };
        command.SetAction(parsed => Change(parsed, directory =>
        {
            HoldFile.Release(directory, parsed.GetValue(name)!, new(Line(parsed.GetValue(reason)!), Environment.UserName, TimeProvider.System.GetUtcNow()));
            return $"Hold \"{parsed.GetValue(name)}\" is released.";
        }));
        return command;
    }

    private static void Change(ParseResult parsed, Func<string, string> work)
    {
        try
        {
            Console.Out.WriteLine(work(AuditCommand.DirectoryOf(parsed)));
        }
        catch (Exception e) when (e is AuditLogException or IOException or UnauthorizedAccessException)
        {
            throw new HostProblem(e.Message);
        }
    }

    // It is printed to terminals and stands in a line of its own.
    private static string Line(string text) => string.Concat(text.Trim().Select(static c => char.IsControl(c) ? ' ' : c));
}
