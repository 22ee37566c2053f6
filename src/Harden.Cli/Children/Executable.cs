namespace Harden.Cli.Children;

/// <summary>Finds programs as a shell would, and says what to install for those that are not there.</summary>
internal static class Executable
{
    private static readonly string[] NodeTools = ["npm", "npx", "yarn", "pnpm"];

    /// <summary>The full path of a program; null if there is none.</summary>
    /// <param name="name">A name to look for on PATH, or a path relative to the directory.</param>
    /// <param name="directory">The working directory of the program.</param>
    public static string? Find(string name, string directory)
    {
        var isPath = name.Contains('/') || name.Contains(Path.DirectorySeparatorChar);
        var places = isPath ? [directory] : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var endings = !OperatingSystem.IsWindows() || Path.HasExtension(name) ? [""]
            : (Environment.GetEnvironmentVariable("PATHEXT") ?? ".EXE;.CMD;.BAT").Split(';');
        return places.SelectMany(place => endings.Select(ending => Path.GetFullPath(name + ending, Path.GetFullPath(place)))).FirstOrDefault(IsExecutable);
    }

    /// <summary>One sentence for a program that isn't there; null if it, and what it needs itself, is.</summary>
    public static string? Missing(IReadOnlyList<string> command, string directory)
    {
        var needed = NodeTools.Contains(command[0]) ? new[] { command[0], "node" } : [command[0]];
        var missing = Array.Find(needed, name => Find(name, directory) is null);
        return missing is null ? null
            : $"\"{missing}\" was not found{(missing.Contains('/') ? $" in {directory}" : " on PATH")}, and the prototype is started with \"{string.Join(' ', command)}\". {Install(missing)}";
    }

    /// <summary>A sentence for a folder of Node.js whose packages nobody has installed, the usual state of a fresh clone; empty for any other.</summary>
    public static string PackagesMissing(string directory)
    {
        var package = Path.Combine(directory, "package.json");
        if (!File.Exists(package) || !File.ReadAllText(package).Contains("ependencies\"", StringComparison.Ordinal) || File.Exists(Path.Combine(directory, ".pnp.cjs")))
            return "";
        for (var folder = new DirectoryInfo(directory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "node_modules")))
                return "";
        }
        return $"Its packages are not installed: run \"npm {(File.Exists(Path.Combine(directory, "package-lock.json")) ? "ci" : "install")}\" in {directory}, then try again.";
    }

    private static string Install(string name) => Path.GetFileNameWithoutExtension(name) switch
    {
        "node" or "npm" or "npx" => "Install Node.js: https://nodejs.org, or the package nodejs of your system.",
        "yarn" or "pnpm" => $"Install it with: npm install --global {name}",
        "python" or "python3" => "Install Python 3: https://www.python.org, or the package python3 of your system.",
        "flask" or "uvicorn" or "gunicorn" => $"Install it with: python3 -m pip install {name}",
        "dotnet" => "Install the .NET SDK: https://dot.net",
        "deno" => "Install Deno: https://deno.com",
        "bun" => "Install Bun: https://bun.sh",
        "go" => "Install Go: https://go.dev",
        "java" => "Install a JDK: https://adoptium.net",
        "ruby" or "bundle" or "rails" => "Install Ruby: https://www.ruby-lang.org",
        "php" => "Install PHP: https://www.php.net",
        _ => "Install it, or correct the command.",
    };

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
