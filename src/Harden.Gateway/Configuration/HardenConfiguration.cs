using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Harden.Gateway.Configuration;

/// <summary>Every section a stage has declared, read and checked as one: all problems at once, all sections swapped or none.</summary>
internal sealed partial class HardenConfiguration(IConfiguration root, string? file)
{
    // What else may stand at the top of harden.json: the framework's own sections.
    private static readonly string[] Foreign = ["$schema", "Logging", "ConnectionStrings", "Kestrel", "StateDirectory"];

    private readonly List<(string Key, Type Type, Func<Problems, Action?> Read)> sections = [];

    /// <summary>The declared sections and the types of their options.</summary>
    public IEnumerable<(string Key, Type Type)> Sections => sections.Select(static s => (s.Key, s.Type));

    /// <summary>Path of harden.json, or null if there is none.</summary>
    public string? File { get; } = file;

    /// <summary>Declares a section.</summary>
    /// <param name="key">Its top-level key.</param>
    /// <param name="validate">What annotations can't say; pure, and reports everything it finds.</param>
    /// <param name="foreignKeys">True if the section has keys that belong to a library and are left to it.</param>
    public Live<T> Add<T>(string key, Action<T, Problems>? validate, bool foreignKeys)
        where T : class, new()
    {
        var live = new Live<T>();
        sections.Add((key, typeof(T), problems =>
        {
            var section = root.GetSection(key);
            var before = problems.Found.Count;
            if (!foreignKeys)
                SectionWalker.Walk(section, typeof(T), problems);
            if (problems.Found.Count > before)
            {
                PartialSection.Judge(section, validate, problems, before);
                return null;
            }
            var options = section.Get<T>() ?? new T();
            SectionWalker.Annotations(key, options, problems);
            validate?.Invoke(options, problems);
            return () => live.Swap(options);
        }));
        return live;
    }

    /// <summary>Reads all sections and puts them in force, or throws <see cref="ConfigurationException"/> and changes nothing.</summary>
    public void Load()
    {
        var problems = Read(out var swaps);
        if (problems.Count > 0)
            throw new ConfigurationException(problems);
        foreach (var swap in swaps)
            swap();
    }

    /// <summary>Reloads whenever a source changes. A configuration that is not valid is refused loudly and the old one stays.</summary>
    public IDisposable Watch(ILogger log) => ChangeToken.OnChange(root.GetReloadToken, () =>
    {
        try
        {
            Load();
            Log.Reloaded(log);
        }
        catch (ConfigurationException e)
        {
            Log.Refused(log, e.Message);
        }
    });

    private List<Problem> Read(out List<Action> swaps)
    {
        swaps = [];
        if (File is not null && !System.IO.File.Exists(File))
            return [new("configuration", null, "is gone. Put the file back; until then what it said last stays in force.", Path.GetFileName(File))];
        ConfigurationSources sources;
        try
        {
            sources = ConfigurationSources.Read(File);
        }
        catch (JsonException e)
        {
            return [NotJson(File!, e)];
        }
        var problems = new Problems(root, sources);
        foreach (var key in sources.FileKeys.Where(static key => !key.Contains(':')))
        {
            if (!sections.Exists(s => s.Key.Equals(key, StringComparison.OrdinalIgnoreCase)) && !Foreign.Contains(key, StringComparer.OrdinalIgnoreCase))
                problems.AddUnknown(key, $"is not a known section.{SectionWalker.Suggest(key, sections.Select(static s => s.Key))}");
        }
        foreach (var (_, _, read) in sections)
        {
            if (read(problems) is { } swap)
                swaps.Add(swap);
        }
        return [.. problems.Found];
    }

    /// <summary>The problem of a file that can't be parsed.</summary>
    public static Problem NotJson(string file, JsonException e) =>
        new("configuration", null, $"is not valid JSON: {e.Message.Split(" Path:")[0].Split(" LineNumber:")[0]}", $"{Path.GetFileName(file)}:{e.LineNumber + 1}");

    private static partial class Log
    {
        [LoggerMessage(9001, LogLevel.Information, "The configuration was reloaded.")]
        public static partial void Reloaded(ILogger log);

        [LoggerMessage(9002, LogLevel.Error, "The new configuration was refused and the previous one stays in force:\n{Problems}")]
        public static partial void Refused(ILogger log, string problems);
    }
}
