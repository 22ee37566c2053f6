using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harden.Cli.Limits;

/// <summary><c>harden limits</c>: the limits of the running gateway, who uses them up, and a new start for one of them.</summary>
internal static class LimitsCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Everything the gateway says, as JSON." };

    public static Command Create()
    {
        var policy = new Argument<string?>("policy") { Description = "Only this limit.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("limits", "Shows the limits of the running gateway: who uses most of them, and whom they refuse.") { ManagementClient.State, Json, policy, ResetCommand() };
        command.SetAction(async (parsed, cancel) =>
        {
            using var gateway = ManagementClient.Open(parsed);
            var body = await gateway.SendAsync(HttpMethod.Get, "/limits.json", cancel);
            await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? Encoding.UTF8.GetString(body) : Text(JsonSerializer.Deserialize(body, LimitsJson.Default.Report)!, parsed.GetValue(policy)));
        });
        return command;
    }

    private static Command ResetCommand()
    {
        var policy = new Argument<string>("policy") { Description = "Name of the limit." };
        var partition = new Argument<string>("partition") { Description = "Whose counter, as harden limits names it." };
        var command = new Command("reset", "Lets one counter of a limit begin anew, in all replicas. Is on record.") { policy, partition };
        command.SetAction(async (parsed, cancel) =>
        {
            using var gateway = ManagementClient.Open(parsed);
            await gateway.SendAsync(HttpMethod.Post, $"/limits/reset?policy={Uri.EscapeDataString(parsed.GetValue(policy)!)}&partition={Uri.EscapeDataString(parsed.GetValue(partition)!)}", cancel);
            await Console.Out.WriteLineAsync($"{parsed.GetValue(policy)} counts anew for {parsed.GetValue(partition)}.");
        });
        return command;
    }

    private static string Text(Report report, string? only)
    {
        var text = new StringBuilder();
        var shown = report.Policies.Where(p => only is null || p.Name == only).ToArray();
        if (shown.Length == 0)
            throw new HostProblem(only is null ? "No limit is configured." : $"There is no limit \"{only}\". There are {string.Join(", ", report.Policies.Select(static p => p.Name))}.");
        text.Append(report.Store == "redis" ? "Counters are in Redis; these are what this replica has seen of them." : "Counters are in the gateway's memory.");
        foreach (var policy in shown)
        {
            text.Append($"\n\n{policy.Name}: {policy.Allows}, by {policy.By}{(policy.ReportOnly ? ", on trial" : "")}");
            text.Append($"\n  {policy.Partitions} {(policy.Partitions == 1 ? "counter" : "counters")}, {policy.Accepted} let through, {policy.Refusals} {(policy.ReportOnly ? "would have been refused" : "refused")}");
            foreach (var partition in policy.Consumers.UnionBy(policy.Refused, static p => p.Name))
                text.Append($"\n  {partition.Used,9} in use {partition.Accepted,9} let through {partition.Refusals,9} {(policy.ReportOnly ? "would be refused" : "refused")}  {Visible(partition.Name)}");
        }
        return text.ToString();
    }

    // Names hold what clients sent: nothing of it may steer the terminal.
    private static string Visible(string name) => string.Concat(name.Select(static c => char.IsControl(c) ? '?' : c));

    internal sealed record Report(string Store, Policy[] Policies);

    internal sealed record Policy(string Name, string By, string Allows, bool ReportOnly, int Partitions, long Accepted, long Denied, long WouldDeny, Partition[] Consumers, Partition[] Refused)
    {
        [JsonIgnore]
        public long Refusals => Denied + WouldDeny;
    }

    internal sealed record Partition(string Name, long Used, long Accepted, long Denied, long WouldDeny)
    {
        [JsonIgnore]
        public long Refusals => Denied + WouldDeny;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LimitsCommand.Report))]
internal sealed partial class LimitsJson : JsonSerializerContext;
