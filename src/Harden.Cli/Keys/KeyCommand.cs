using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harden.Cli.Run;
using Harden.Gateway;

namespace Harden.Cli.Keys;

/// <summary><c>harden key</c>: makes API keys for programs, and tells how those there are stand.</summary>
internal static class KeyCommand
{
    private static readonly Option<string?> Config = new("--config") { Description = "A harden.json, or the folder it is in. Default: ./harden.json, if there is one.", HelpName = "PATH", Recursive = true };

    /// <summary>The verb with all its own.</summary>
    public static Command Create() => new("key", "Makes and checks API keys, for programs that can't sign in.") { Config, CreateVerb(), ListVerb(), CheckVerb() };

    private static Command CreateVerb()
    {
        var name = new Argument<string>("name") { Description = "Name in rules and records, such as nightly-import." };
        var expires = new Option<string>("--expires") { Description = "When it ends: days from now such as 90d, or a date such as 2026-12-31.", HelpName = "WHEN", DefaultValueFactory = static _ => "90d" };
        var roles = new Option<string[]>("--role") { Description = "An app role the prototype is told of; may be repeated.", HelpName = "ROLE" };
        var command = new Command("create", "Makes a key: prints it once to standard output, and its entry for harden.json to standard error.") { name, expires, roles };
        command.SetAction(parsed =>
        {
            var settings = Settings.Read(parsed.GetValue(Config));
            var now = TimeProvider.System.GetUtcNow();
            var (called, until) = (parsed.GetValue(name)!, KeyTimes.ParseExpiry(parsed.GetValue(expires)!, now));
            if (KeyList.Read(settings).FirstOrDefault(k => k.Name.Equals(called, StringComparison.OrdinalIgnoreCase)) is { } taken)
                throw new HostProblem($"{settings.File ?? "The configuration"} has a key named {taken.Name} already. To renew it, make one under another name, such as {taken.Name}-{now:yyyy-MM}, add it beside the old one to the same rules, and take the old one out once nobody uses it.");
            var secret = ApiKeySecret.Create();
            var entry = new JsonObject { ["Name"] = called, ["Hash"] = ApiKeySecret.HashText(secret), ["Expires"] = until.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) };
            if (parsed.GetValue(roles) is { Length: > 0 } told)
                entry["Roles"] = new JsonArray([.. told.Select(static r => (JsonNode?)r)]);
            KeyList.Refuse(entry);
            Console.Error.WriteLine($"""
                The key of {called}, shown this once and kept nowhere. Programs send it as "Authorization: Bearer …", or in the header {settings["ApiKeys:Header"] ?? "X-API-Key"}.
                Its entry for ApiKeys:Keys in harden.json, where only the hash is kept:

                  {entry.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })}

                It opens nothing until an access rule has "Keys": ["{called}"].

                """);
            Console.Out.WriteLine(secret);
        });
        return command;
    }

    private static Command ListVerb()
    {
        var command = new Command("list", "Lists the keys of a harden.json: when they end, and which access rules name them.");
        command.SetAction(parsed =>
        {
            var settings = Settings.Read(parsed.GetValue(Config));
            var now = TimeProvider.System.GetUtcNow();
            var keys = KeyList.Read(settings);
            if (keys.Count == 0)
                Console.Error.WriteLine("There are no API keys. harden key create NAME makes one.");
            foreach (var key in keys)
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{key.Name,-24} {key.Expires:yyyy-MM-dd}  {key.State(now),-8}  {(key.Rules.Count > 0 ? string.Join(", ", key.Rules) : "no rule names it")}"));
        });
        return command;
    }

    private static Command CheckVerb()
    {
        var within = new Option<string>("--within") { Description = "How soon is soon, in days such as 30d.", HelpName = "DAYS", DefaultValueFactory = static _ => "14d" };
        var command = new Command("check", "Names the keys that have expired, expire soon, or that no rule names. Exit code 0 if there are none, 1 if there are.") { within };
        command.SetAction(parsed =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var soon = KeyTimes.ParseExpiry(parsed.GetValue(within)!, now);
            var keys = KeyList.Read(Settings.Read(parsed.GetValue(Config)));
            var found = keys.SelectMany(key => key.Complaints(now, soon)).ToArray();
            foreach (var complaint in found)
                Console.Out.WriteLine(complaint);
            if (found.Length == 0)
                Console.Out.WriteLine($"{keys.Count} API {(keys.Count == 1 ? "key" : "keys")}, none of which expires before {soon:yyyy-MM-dd}.");
            return found.Length == 0 ? 0 : 1;
        });
        return command;
    }
}
