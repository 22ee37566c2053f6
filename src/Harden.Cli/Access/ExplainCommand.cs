using System.CommandLine;
using System.Net;
using Harden.Gateway.Access;

namespace Harden.Cli.Access;

/// <summary><c>harden access explain</c>: what the rules of a harden.json say of a request, without sending one.</summary>
internal static class ExplainCommand
{
    /// <summary>The verb.</summary>
    public const string Name = "explain";

    /// <summary>Exit code of a command line that can't be understood; 1 means denied here.</summary>
    public const int BadUsage = 2;

    private static readonly Option<string?> Config = new("--config") { Description = "A harden.json, or the folder it is in. Default: ./harden.json.", HelpName = "PATH" };
    private static readonly Option<string> As = new("--as") { Description = "Who asks: anonymous, user (anybody signed in), TENANT/OBJECT (two GUIDs), service, or key:NAME.", HelpName = "WHO" };
    private static readonly Option<string> Path = new("--path") { Description = "What is asked for, as it stands in the address.", HelpName = "PATH", Required = true };
    private static readonly Option<string> Method = new("--method") { Description = "HTTP method.", DefaultValueFactory = static _ => "GET", HelpName = "METHOD" };
    private static readonly Option<string[]> Roles = Many("--role", "An app role of the caller. Can be given more than once.");
    private static readonly Option<string[]> Groups = Many("--group", "A group of the caller, by object id. Can be given more than once.");
    private static readonly Option<bool> Overage = new("--too-many-groups") { Description = "The caller is in more groups than a token carries." };
    private static readonly Option<string[]> Scopes = Many("--scope", "A scope of the caller's token; the caller is an API client then. Can be given more than once.");
    private static readonly Option<string?> Tenant = new("--tenant") { Description = "The caller's tenant id. Default: AzureAd:TenantId.", HelpName = "GUID" };
    private static readonly Option<string?> Key = new("--key") { Description = "The same as --as key:NAME.", HelpName = "NAME" };
    private static readonly Option<IPAddress?> From = new("--from")
    {
        Description = "The client's address. Default: none that a rule names.",
        HelpName = "IP",
        CustomParser = static result => IPAddress.TryParse(result.Tokens[0].Value, out var address) ? address : Wrong(result, "is not an IP address"),
    };
    private static readonly Option<string[]> Contexts = Many("--acrs", "An authentication context that the sign-in met, such as c1. Can be given more than once.");
    private static readonly Option<TimeSpan?> Age = new("--age") { Description = "How long ago the person signed in, such as 00:10:00. Default: not known.", HelpName = "TIME" };
    private static readonly Option<string?> Origin = new("--origin") { Description = "The origin of the page that sends the request, if it is not the app's own.", HelpName = "ORIGIN" };
    private static readonly Option<bool> Json = new("--json") { Description = "Prints JSON." };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "Says which access rule decides a request, and why each earlier one doesn't. Exit code 0 if it is allowed, 1 if it is denied, 2 if the command line is wrong.")
        {
            As, Path, Method, Roles, Groups, Overage, Scopes, Tenant, Key, From, Contexts, Age, Origin, Json, Config,
        };
        command.SetAction(static parsed => Explain(parsed));
        return command;
    }

    private static int Explain(ParseResult parsed)
    {
        var who = parsed.GetValue(Key) is { } key ? $"key:{key}" : parsed.GetValue(As) ?? throw new HostProblem("Say who asks with --as, such as --as anonymous or --as user.", BadUsage);
        var rules = RuleFile.Read(parsed.GetValue(Config));
        var now = TimeProvider.System.GetUtcNow();
        var subject = Who.Read(who, new()
        {
            Tenant = parsed.GetValue(Tenant) ?? rules.Tenant,
            Roles = parsed.GetValue(Roles) ?? [],
            Groups = parsed.GetValue(Groups) ?? [],
            GroupsOverage = parsed.GetValue(Overage),
            Scopes = parsed.GetValue(Scopes) ?? [],
            AuthContexts = parsed.GetValue(Contexts) ?? [],
            AuthenticatedAt = parsed.GetValue(Age) is { } age ? now - age : null,
        });
        if (subject?.Scheme == "apikey" && !rules.Keys.Contains(subject.ObjectId, StringComparer.Ordinal))
            throw new HostProblem($"There is no API key \"{subject.ObjectId}\" in ApiKeys:Keys, so nobody can come with it.", BadUsage);
        var target = parsed.GetValue(Path)!;
        var path = rules.Normalise(target);
        var request = new AccessRequest(path, parsed.GetValue(Method)!.ToUpperInvariant(), parsed.GetValue(From) ?? IPAddress.None, subject, now);
        var foreign = subject?.Scheme == "session" && request.Method is not ("GET" or "HEAD" or "OPTIONS") ? rules.Foreign(parsed.GetValue(Origin)) : null;
        var explanation = AccessExplanation.Of(new(rules.Access), request, foreign);
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(Json))
            ExplanationText.WriteJson(output, request, explanation);
        else
            ExplanationText.Write(output, request, explanation);
        return explanation.Allowed ? 0 : 1;
    }

    private static Option<string[]> Many(string name, string description) => new(name) { Description = description, HelpName = "NAME" };

    private static IPAddress? Wrong(System.CommandLine.Parsing.ArgumentResult result, string what)
    {
        result.AddError($"\"{result.Tokens[0].Value}\" {what}.");
        return null;
    }
}
