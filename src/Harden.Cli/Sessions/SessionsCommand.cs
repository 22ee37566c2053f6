using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harden.Cli.Sessions;

/// <summary><c>harden sessions</c>: who is signed in at the running gateway, and the end of that.</summary>
internal static class SessionsCommand
{
    /// <summary>The verb with all its own.</summary>
    public static Command Create() => new("sessions", "Lists and revokes sign-ins at the running gateway.") { ManagementClient.State, ListCommand(), RevokeCommand() };

    private static Command ListCommand()
    {
        var limit = new Option<int>("--limit") { Description = "At most so many, newest first.", DefaultValueFactory = static _ => 100 };
        var command = new Command("list", "Lists who is signed in: session, subject, sign-in, last use, name.") { limit };
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = ManagementClient.Open(parsed);
            var output = parsed.InvocationConfiguration.Output;
            var (left, after) = (parsed.GetValue(limit), "");
            while (left > 0)
            {
                var answer = await client.SendAsync(HttpMethod.Get, $"/sessions.json?count={Math.Min(left, 1000)}&after={after}", cancel);
                var page = JsonSerializer.Deserialize(answer, SessionsJson.Default.Page)!;
                foreach (var session in page.Sessions)
                    await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{session.Id}  {session.Subject}  {session.SignedIn:u}  {session.LastUsed:u}  {Printable(session.Name)}"));
                left -= page.Sessions.Length;
                if ((after = page.Next) is null || page.Sessions.Length == 0)
                    break;
            }
        });
        return command;
    }

    private static Command RevokeCommand()
    {
        var target = new Argument<string>("target") { Description = "A session, as list names it, or TENANT-ID/OBJECT-ID for everything a person or service has: sessions, and tokens issued until now." };
        var command = new Command("revoke", "Ends a session, or all that a subject has, with the streams and WebSockets on it, at every replica.") { target };
        command.SetAction(async (parsed, cancel) =>
        {
            var named = parsed.GetValue(target)!;
            var path = named.Split('/') switch
            {
                [{ Length: 32 } id] when id.All(char.IsAsciiHexDigit) => $"/sessions/{id.ToLowerInvariant()}",
                [var tenant, var id] when Guid.TryParse(tenant, out var t) && Guid.TryParse(id, out var o) => $"/subjects/{t}/{o}",
                _ => throw new HostProblem($"\"{named}\" is neither a session of harden sessions list nor TENANT-ID/OBJECT-ID."),
            };
            using var client = ManagementClient.Open(parsed);
            var ended = JsonSerializer.Deserialize(await client.SendAsync(HttpMethod.Delete, path, cancel), SessionsJson.Default.Outcome)!.Ended;
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                $"Revoked. {ended} session{(ended == 1 ? "" : "s")} ended.{(path.StartsWith("/subjects/", StringComparison.Ordinal) ? " Tokens issued until now are refused." : "")}");
        });
        return command;
    }

    // Names come from the directory: they must not speak to the terminal.
    private static string Printable(string name) => string.Concat(name.Select(static c => char.IsControl(c) ? '?' : c));

    internal sealed record Page(Row[] Sessions, string? Next);

    internal sealed record Row(string Id, string Subject, string Name, DateTimeOffset SignedIn, DateTimeOffset LastUsed);

    internal sealed record Outcome(int Ended);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SessionsCommand.Page))]
[JsonSerializable(typeof(SessionsCommand.Outcome))]
internal sealed partial class SessionsJson : JsonSerializerContext;
