using System.Globalization;
using Harden.Gateway;

namespace Harden.Hosting.Decisions;

/// <summary>How the described prototype is started.</summary>
/// <param name="ResourceName">Its name in the Aspire model.</param>
/// <param name="Command">The program and its arguments.</param>
/// <param name="Directory">Its working directory.</param>
/// <param name="Port">The port it is to listen on.</param>
/// <param name="Environment">Variables it is given.</param>
internal sealed record PrototypeLaunch(string ResourceName, string[] Command, string Directory, int Port, IReadOnlyDictionary<string, string> Environment)
{
    // What Harden is configured with is not the prototype's to read: the client secret, the session store.
    private static readonly string[] HardenOnly =
        ["AzureAd__", "Edge__", "Access__", "RateLimits__", "Audit__", "Telemetry__", "Console__", "Governance__", "Prototype__", "DevEntra__", "ConnectionStrings__redis", "HARDEN_CONFIG"];

    /// <summary>Decides from section <c>Prototype</c>.</summary>
    /// <param name="options">The section.</param>
    /// <param name="settingsDirectory">Where harden.json is.</param>
    /// <param name="port">The port to listen on.</param>
    /// <param name="inherited">The variables of this process, which the prototype would inherit.</param>
    /// <exception cref="InvalidOperationException">It can't be started.</exception>
    public static PrototypeLaunch Make(PrototypeOptions options, string settingsDirectory, int port, IEnumerable<string> inherited)
    {
        var directory = Path.GetFullPath(options.WorkingDirectory, settingsDirectory);
        if (!System.IO.Directory.Exists(directory))
            throw new InvalidOperationException($"The prototype is to run in {directory}, which does not exist. Correct Prototype:WorkingDirectory in harden.json.");
        var number = port.ToString(CultureInfo.InvariantCulture);
        // A variable can be emptied here but not taken away.
        var environment = inherited.Where(name => Array.Exists(HardenOnly, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            .ToDictionary(static name => name, static _ => "");
        environment[options.PortVariable] = number;
        // What frameworks read that don't know PORT: ASP.NET Core, Flask, Uvicorn, Spring Boot.
        environment["ASPNETCORE_URLS"] = $"http://localhost:{number}";
        environment["FLASK_RUN_PORT"] = environment["UVICORN_PORT"] = environment["SERVER_PORT"] = number;
        foreach (var (name, value) in options.Environment)
            environment[name] = WithPort(value, number);
        return new(NameOf(options.Name), [.. options.Command.Select(word => WithPort(word, number))], directory, port, environment);
    }

    /// <summary>The name of a resource: Aspire takes ASCII letters, digits and single hyphens, a letter first, at most 64.</summary>
    public static string NameOf(string name)
    {
        var words = string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Split('-', StringSplitOptions.RemoveEmptyEntries);
        var joined = string.Join('-', words);
        return joined.Length == 0 ? "prototype" : char.IsAsciiLetter(joined[0]) ? joined : $"app-{joined[..Math.Min(joined.Length, 60)]}".TrimEnd('-');
    }

    private static string WithPort(string text, string port) => text.Replace("{port}", port, StringComparison.OrdinalIgnoreCase);
}
