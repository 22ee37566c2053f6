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
        // A variable can be emptied here but not taken away.
        var environment = inherited.Where(PrototypeEnvironment.IsHardenOnly).ToDictionary(static name => name, static _ => "");
        foreach (var (name, value) in PrototypeEnvironment.Of(options, port))
            environment[name] = value;
        return new(NameOf(options.Name), [.. options.Command.Select(word => PrototypeEnvironment.WithPort(word, port))], directory, port, environment);
    }

    /// <summary>The name of a resource: Aspire takes ASCII letters, digits and single hyphens, a letter first, at most 64.</summary>
    public static string NameOf(string name)
    {
        var words = string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Split('-', StringSplitOptions.RemoveEmptyEntries);
        var joined = string.Join('-', words);
        return joined.Length == 0 ? "prototype" : char.IsAsciiLetter(joined[0]) ? joined : $"app-{joined[..Math.Min(joined.Length, 60)]}".TrimEnd('-');
    }
}
