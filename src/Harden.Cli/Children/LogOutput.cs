namespace Harden.Cli.Children;

/// <summary>One output for all children: each line behind the name of who wrote it, in colour on a terminal.</summary>
internal sealed class LogOutput(TextWriter writer, bool colour)
{
    private const int Width = 7; // "gateway", the longest name

    // Cyan, yellow, green, magenta, blue: readable on dark and light terminals; red is left to the children's own errors.
    private static readonly int[] Colours = [36, 33, 32, 35, 34];

    private readonly Lock gate = new();
    private readonly List<string> names = [];

    /// <summary>Output to the console. Colour if it is a terminal and <c>NO_COLOR</c> (no-color.org) is not set.</summary>
    public static LogOutput ToConsole() => new(Console.Out, !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb");

    /// <summary>Writes one line of a child.</summary>
    public void Line(string name, string text)
    {
        lock (gate)
        {
            writer.WriteLine($"{Prefix(name)} {text}");
            writer.Flush();
        }
    }

    /// <summary>Writes what is nobody's line, such as the banner.</summary>
    public void Plain(string text)
    {
        lock (gate)
        {
            writer.WriteLine(text);
            writer.Flush();
        }
    }

    private string Prefix(string name)
    {
        var prefix = $"{name.PadRight(Width)} |";
        if (!colour)
            return prefix;
        if (!names.Contains(name))
            names.Add(name);
        return $"\u001b[{Colours[names.IndexOf(name) % Colours.Length]}m{prefix}\u001b[0m";
    }
}
