namespace Harden.AppHost;

/// <summary>Which prototype the command line chooses.</summary>
/// <param name="Folder">Full path of the folder with its harden.json.</param>
/// <param name="Rest">The arguments left for the engine.</param>
/// <param name="Problem">What is wrong with the choice, in a sentence; null if nothing is.</param>
internal sealed record Choice(string Folder, string[] Rest, string? Problem)
{
    private const string Default = "onboarding-tracker", Flag = "--example";

    /// <summary>Reads the command line: <c>--example NAME</c>, or a folder as the first argument, or neither for the default example.</summary>
    public static Choice Of(string[] args)
    {
        var at = Array.IndexOf(args, Flag);
        if (at >= 0)
            return Example(at + 1 < args.Length ? args[at + 1] : "", [.. args[..at], .. args[Math.Min(at + 2, args.Length)..]]);
        if (args is [var first, .. var rest] && !first.StartsWith('-'))
            return Named(Path.GetFullPath(first), rest);
        return Example(Default, args);
    }

    private static Choice Example(string name, string[] rest)
    {
        var examples = Examples();
        var names = examples is null ? [] : Directory.GetFiles(examples, "harden.json", SearchOption.AllDirectories)
            .Where(file => Path.GetDirectoryName(Path.GetDirectoryName(file)) == examples).Select(static file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order().ToArray();
        return names.Contains(name)
            ? new(Path.Combine(examples!, name), rest, null)
            : new("", rest, $"There is no example \"{name}\". The examples are: {string.Join(", ", names)}.");
    }

    private static Choice Named(string folder, string[] rest)
    {
        if (Path.GetFileName(folder) == "harden.json")
            folder = Path.GetDirectoryName(folder)!;
        return new(folder, rest, File.Exists(Path.Combine(folder, "harden.json")) ? null
            : $"There is no harden.json in {folder}. Give the path of a folder that has one, or {Flag} NAME, or nothing for {Default}.");
    }

    // The AppHost runs from its build output, somewhere below the repository.
    private static string? Examples()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Harden.sln")))
                return Path.Combine(directory.FullName, "examples");
        }
        return null;
    }
}
