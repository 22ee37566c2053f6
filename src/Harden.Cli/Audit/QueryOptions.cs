using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Harden.Audit;

namespace Harden.Cli.Audit;

/// <summary>The options by which requests are chosen, the same for every verb that chooses.</summary>
internal static class QueryOptions
{
    private static readonly Argument<string?> Text = new("text") { Description = "Words that begin words of path, query or name; or a whole request id, trace id or object id.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<DateTimeOffset?> From = new("--from") { HelpName = "TIME", Description = "Began at or after, such as 2026-01-31 or 2026-01-31T09:00Z; UTC unless it says otherwise.", CustomParser = Time };
    private static readonly Option<DateTimeOffset?> To = new("--to") { HelpName = "TIME", Description = "Began before.", CustomParser = Time };
    private static readonly Option<string?> User = new("--user") { HelpName = "WHO", Description = "Whole object id of a person, or words of the name or mail address." };
    private static readonly Option<string?> Method = new("--method") { HelpName = "METHOD", Description = "Method, such as POST." };
    private static readonly Option<string?> PathOption = new("--path") { HelpName = "PATH", Description = "How the path begins, such as /orders; or with *, the whole of it, such as '/orders/*/items'." };
    private static readonly Option<string?> Status = new("--status") { HelpName = "STATUS", Description = "Status, such as 403, or a class, such as 4xx." };
    private static readonly Option<string?> Action = new("--action") { HelpName = "ACTION", Description = "forward, answer, signIn, deny, limit, refuse or fail." };
    private static readonly Option<string?> Reason = new("--reason") { HelpName = "REASON", Description = "Reason of the decision, such as no-rule." };
    private static readonly Option<string?> Rule = new("--rule") { HelpName = "NAME", Description = "Name of the access rule that decided." };
    private static readonly Option<string?> LimitedBy = new("--limited-by") { HelpName = "NAME", Description = "Name of the rate limit that refused." };
    private static readonly Option<string?> Id = new("--id") { HelpName = "ID", Description = "Request id or trace id, whole." };
    private static readonly Option<string?> Client = new("--client") { HelpName = "IP", Description = "Address of the client." };
    private static readonly Option<QueryState?> State = new("--state") { HelpName = "STATE", Description = "open, interrupted, completed or denied." };

    /// <summary>Adds them to a verb.</summary>
    public static void AddTo(Command command)
    {
        Action.AcceptOnlyFromAmong("forward", "answer", "signIn", "deny", "limit", "refuse", "fail");
        command.Arguments.Add(Text);
        foreach (var option in (Option[])[From, To, User, Method, PathOption, Status, Action, Reason, Rule, LimitedBy, Id, Client, State])
            command.Options.Add(option);
    }

    /// <summary>What they ask.</summary>
    /// <exception cref="HostProblem">They can't be meant.</exception>
    public static AuditQuery Read(ParseResult parsed)
    {
        var (status, statusClass) = StatusOf(parsed.GetValue(Status));
        var query = new AuditQuery
        {
            Text = parsed.GetValue(Text) ?? "",
            From = parsed.GetValue(From),
            To = parsed.GetValue(To),
            User = parsed.GetValue(User) ?? "",
            Method = parsed.GetValue(Method) ?? "",
            Path = parsed.GetValue(PathOption) ?? "",
            Status = status,
            StatusClass = statusClass,
            Action = parsed.GetValue(Action) ?? "",
            Reason = parsed.GetValue(Reason) ?? "",
            Rule = parsed.GetValue(Rule) ?? "",
            Limit = parsed.GetValue(LimitedBy) ?? "",
            Id = parsed.GetValue(Id) ?? "",
            Client = parsed.GetValue(Client) ?? "",
            State = parsed.GetValue(State),
        };
        return query.From >= query.To ? throw new HostProblem("--to must be later than --from.", AuditCommand.BadUsage) : query;
    }

    private static (int? Status, int? Class) StatusOf(string? text) => text switch
    {
        null => (null, null),
        [>= '1' and <= '5'] or [>= '1' and <= '5', 'x' or 'X', 'x' or 'X'] => (null, text[0] - '0'),
        { Length: 3 } when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 100 and < 600 => (status, null),
        _ => throw new HostProblem($"--status \"{text}\" is no status. Give one such as 403, or a class such as 4xx.", AuditCommand.BadUsage),
    };

    private static DateTimeOffset? Time(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        argument.AddError($"\"{text}\" is no time. Give one such as 2026-01-31 or 2026-01-31T09:00Z.");
        return null;
    }
}
