namespace Harden.Gateway.Configuration;

/// <summary>
/// What can still be said of a section of which some keys are unknown or can't be read, so that these don't hide everything else that is
/// wrong. It is judged without them, and what may only be a consequence of their absence is not said.
/// </summary>
internal static class PartialSection
{
    /// <summary>Adds the problems of the section's readable part.</summary>
    /// <param name="section">The section.</param>
    /// <param name="validate">What annotations can't say.</param>
    /// <param name="problems">Holds the problems of the section's shape, from <paramref name="first"/> on.</param>
    /// <param name="first">Where they begin.</param>
    public static void Judge<T>(IConfigurationSection section, Action<T, Problems>? validate, Problems problems, int first)
        where T : class, new()
    {
        string[] broken = [.. problems.Found.Skip(first).Select(static p => p.Key)];
        var readable = section.AsEnumerable().Where(pair => !Array.Exists(broken, key => IsWithin(pair.Key, key)));
        var options = new ConfigurationBuilder().AddInMemoryCollection(readable).Build().GetSection(section.Path).Get<T>() ?? new T();

        // An annotation looks at one value, so it holds for every value that is there.
        var annotated = problems.Found.Count;
        SectionWalker.Annotations(section.Path, options, problems);
        problems.KeepFrom(annotated, p => p.Value is not null && !Array.Exists(broken, key => IsWithin(p.Key, key) || ListOf(key) is { } list && IsWithin(p.Key, list)));

        // A validator compares values: of one entry of a list, of entries with one another, or of the section's own.
        var validated = problems.Found.Count;
        string[] owners = [.. broken.Select(OwnerOf)];
        validate?.Invoke(options, problems);
        problems.KeepFrom(validated, p => !owners.Contains(OwnerOf(p.Key), StringComparer.OrdinalIgnoreCase)
            && !Array.Exists(broken, key => ListOf(p.Key) is { } list && IsWithin(key, list) || ListOf(key) is { } gap && IsWithin(p.Key, gap)));
    }

    private static bool IsWithin(string key, string parent) =>
        key.StartsWith(parent, StringComparison.OrdinalIgnoreCase) && (key.Length == parent.Length || key[parent.Length] == ':');

    // The list of a key that is itself an entry: what is said of an entry concerns its neighbours, and without it those after it have other numbers.
    private static string? ListOf(string key) => key.LastIndexOf(':') is var at and > 0 && IsIndex(key[(at + 1)..]) ? key[..at] : null;

    // The outermost entry of a list that the key belongs to, else the section itself.
    private static string OwnerOf(string key)
    {
        var parts = key.Split(':');
        var index = Array.FindIndex(parts, IsIndex);
        return index < 0 ? parts[0] : string.Join(':', parts[..(index + 1)]);
    }

    private static bool IsIndex(string part) => part.Length > 0 && part.All(char.IsAsciiDigit);
}
