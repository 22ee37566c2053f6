namespace Harden.Gateway.Configuration;

/// <summary>One thing wrong with the configuration.</summary>
/// <param name="Key">The configuration key, such as <c>Access:Rules:0:Path</c>.</param>
/// <param name="Value">The value found, or null if there is none.</param>
/// <param name="Mend">What is wrong and what to do, in one sentence.</param>
/// <param name="Where">File and line, or the environment variable; empty if the key is nowhere.</param>
internal sealed record Problem(string Key, string? Value, string Mend, string Where)
{
    /// <inheritdoc />
    public override string ToString() =>
        (Where.Length > 0 ? $"{Where}: " : "") + Key + (Value is null ? "" : $" = \"{Shown(Key, Value)}\"") + $": {Mend}";

    // A secret must not end up in a log.
    private static string Shown(string key, string value) =>
        key.Contains("secret", StringComparison.OrdinalIgnoreCase) || key.Contains("password", StringComparison.OrdinalIgnoreCase)
        || key.Contains("connectionstring", StringComparison.OrdinalIgnoreCase) || key.Contains("key", StringComparison.OrdinalIgnoreCase)
        || key.Contains("token", StringComparison.OrdinalIgnoreCase) || key.Contains("credential", StringComparison.OrdinalIgnoreCase)
            ? "…"
            : value;
}

/// <summary>Collects everything wrong with one section, so that all of it is reported at once.</summary>
internal sealed class Problems(IConfiguration root, ConfigurationSources sources)
{
    private readonly List<Problem> found = [];

    /// <summary>What was found, in the order of finding.</summary>
    public IReadOnlyList<Problem> Found => found;

    /// <summary>The names in a list of another section, for what refers to its entries by name.</summary>
    public string[] NamesIn(string list) => [.. root.GetSection(list).GetChildren().Select(static entry => entry["Name"]).OfType<string>()];

    /// <summary>Reports a problem with the value of a key.</summary>
    public void Add(string key, string mend) => found.Add(new(key, root[key], mend, sources.Of(key)));

    /// <summary>Takes back what was reported from a place on and isn't to be kept.</summary>
    public void KeepFrom(int first, Predicate<Problem> keep)
    {
        for (var i = found.Count - 1; i >= first; i--)
        {
            if (!keep(found[i]))
                found.RemoveAt(i);
        }
    }

    /// <summary>Reports a key that means nothing. Its value is not shown: under a mistyped key it may be any secret.</summary>
    public void AddUnknown(string key, string mend) => found.Add(new(key, null, mend, sources.Of(key)));

    /// <summary>Reports a problem with no key of its own, such as a file that can't be parsed.</summary>
    public void AddUnkeyed(string where, string mend) => found.Add(new("configuration", null, mend, where));
}

/// <summary>The configuration is not valid. The message lists every problem, a line each.</summary>
internal sealed class ConfigurationException(IReadOnlyList<Problem> problems)
    : Exception(string.Join('\n', problems))
{
    /// <summary>The process exit code for a configuration that was refused: <c>EX_CONFIG</c> of <c>sysexits.h</c>.</summary>
    public const int ExitCode = 78;

    /// <summary>Every problem found.</summary>
    public IReadOnlyList<Problem> Problems { get; } = problems;
}
