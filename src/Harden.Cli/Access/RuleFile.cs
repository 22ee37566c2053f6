using Harden.Cli.Run;
using Harden.Gateway;
using Harden.Gateway.Access;
using Harden.Gateway.Configuration;
using Harden.Gateway.Edge;
using Harden.Gateway.Identity;
using Microsoft.Extensions.Configuration;

namespace Harden.Cli.Access;

/// <summary>What access depends on in a harden.json, read and checked by the gateway's own code.</summary>
internal sealed record RuleFile(AccessOptions Access, EdgeOptions Edge, SessionOptions Session, string Tenant, string[] Keys)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="HostProblem">It is not there, or anything in these sections is wrong.</exception>
    public static RuleFile Read(string? path)
    {
        var settings = Settings.Read(path);
        var problems = new Problems(settings.Configuration, ConfigurationSources.Read(settings.File));
        var access = Section<AccessOptions>(settings, "Access", problems, AccessOptionsValidator.Validate);
        var edge = Section<EdgeOptions>(settings, "Edge", problems, EdgeOptionsValidator.Validate);
        var session = Section<SessionOptions>(settings, "Session", problems, static (options, found) => SessionOptions.Validate(options, found, exposed: false));
        if (problems.Found.Count > 0)
            throw new HostProblem(string.Join('\n', problems.Found), ConfigurationException.ExitCode);
        if (settings.File is null && !settings.Has("Access"))
            throw new HostProblem("There is no harden.json here, so there are no rules to explain. Name one with --config.", ExplainCommand.BadUsage);
        return new(access, edge, session, settings["AzureAd:TenantId"] is { } tenant && Guid.TryParse(tenant, out _) ? tenant.ToLowerInvariant() : "", [.. problems.NamesIn("ApiKeys:Keys")]);
    }

    /// <summary>The path that rules see.</summary>
    /// <exception cref="HostProblem">The request would be refused before any rule is asked.</exception>
    public string Normalise(string target)
    {
        if (RequestTarget.Read(target, Edge.Allow, out var path) is { } refusal)
            throw new HostProblem($"Denied (400, {refusal.Reason}) before any rule is asked: {refusal.Detail}", 1);
        return !ReservedPrefix.Owns(path) ? path
            : throw new HostProblem($"{path} is Harden's own address: no rule is asked, and it never reaches the app.", ExplainCommand.BadUsage);
    }

    /// <summary>The origin if it is neither the app's own nor one of <c>Session:AllowedOrigins</c>.</summary>
    public string? Foreign(string? origin) =>
        origin is null || Array.Exists(Session.AllowedOrigins, a => a.TrimEnd('/').Equals(origin.TrimEnd('/'), StringComparison.OrdinalIgnoreCase)) ? null : origin.TrimEnd('/');

    private static T Section<T>(Settings settings, string key, Problems problems, Action<T, Problems> validate)
        where T : class, new()
    {
        var section = settings.Configuration.GetSection(key);
        var before = problems.Found.Count;
        SectionWalker.Walk(section, typeof(T), problems);
        if (problems.Found.Count > before)
            return new();
        var options = section.Get<T>() ?? new T();
        SectionWalker.Annotations(key, options, problems);
        validate(options, problems);
        return options;
    }
}
