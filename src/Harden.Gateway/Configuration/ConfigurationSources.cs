using System.Text;
using System.Text.Json;

namespace Harden.Gateway.Configuration;

/// <summary>Tells where a configuration key was set: the line of harden.json, an environment variable, or the command line.</summary>
internal sealed class ConfigurationSources
{
    private readonly string? file;
    private readonly Dictionary<string, int> lines = new(StringComparer.OrdinalIgnoreCase);

    private ConfigurationSources(string? file) => this.file = file;

    /// <summary>The keys of harden.json, nested ones joined by colons.</summary>
    public IEnumerable<string> FileKeys => lines.Keys;

    /// <summary>Reads the lines of a file. Throws <see cref="JsonException"/> if it isn't JSON.</summary>
    /// <param name="file">Path of harden.json; null or absent for none.</param>
    public static ConfigurationSources Read(string? file)
    {
        var sources = new ConfigurationSources(file);
        if (file is not null && File.Exists(file))
            sources.Scan(File.ReadAllBytes(file));
        return sources;
    }

    /// <summary>Where the key is set; "" if it isn't.</summary>
    public string Of(string key)
    {
        var variable = key.Replace(":", "__", StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable(variable) is not null)
            return $"environment variable {variable}";
        // A missing key is reported at its nearest parent that is there.
        for (var at = key; at.Length > 0; at = at[..Math.Max(0, at.LastIndexOf(':'))])
        {
            if (lines.TryGetValue(at, out var line))
                return $"{Path.GetFileName(file)}:{line}";
        }
        return "";
    }

    private void Scan(ReadOnlySpan<byte> json)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble))
            json = json[Encoding.UTF8.Preamble.Length..];
        var reader = new Utf8JsonReader(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var path = new Stack<(string Name, int Index)>();
        string? property = null;
        var line = 1;
        long counted = 0;
        while (reader.Read())
        {
            line += json[(int)counted..(int)reader.TokenStartIndex].Count((byte)'\n');
            counted = reader.TokenStartIndex;
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                property = Join(path, reader.GetString()!);
                lines.TryAdd(property, line);
                continue;
            }
            if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
            {
                path.Pop();
                continue;
            }
            var name = property ?? Element(path);
            property = null;
            if (name.Length > 0)
                lines.TryAdd(name, line);
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                path.Push((name, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
        }
    }

    private static string Join(Stack<(string Name, int Index)> path, string name) =>
        path.Count > 0 && path.Peek().Name.Length > 0 ? $"{path.Peek().Name}:{name}" : name;

    private static string Element(Stack<(string Name, int Index)> path)
    {
        if (path.Count == 0 || path.Peek().Index < 0)
            return "";
        var (name, index) = path.Pop();
        path.Push((name, index + 1));
        return $"{name}:{index}";
    }
}
