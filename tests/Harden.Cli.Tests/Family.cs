using System.Diagnostics;

namespace Harden.Cli.Tests;

/// <summary>The processes of one test: each carries a variable of its own, by which survivors are found whatever has become of their parents.</summary>
internal sealed class Family : IDisposable
{
    private readonly string mark = Guid.NewGuid().ToString("N");

    /// <summary>What the first of them is given, and passes on.</summary>
    public KeyValuePair<string, string> Variable => new("HARDEN_TEST", mark);

    /// <summary>Those that live.</summary>
    public int[] Living() =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(static name => name!.All(char.IsAsciiDigit))
            .Select(int.Parse!).Where(pid => pid != Environment.ProcessId && Read(pid, "environ").Contains($"HARDEN_TEST={mark}", StringComparison.Ordinal)),
    ];

    /// <summary>Those whose command line has all of the words.</summary>
    public int[] Find(params string[] words) => [.. Living().Where(pid => Read(pid, "cmdline").Split('\0') is var line && words.All(word => Array.Exists(line, w => w.EndsWith(word, StringComparison.Ordinal))))];

    /// <summary>Kills one, without a last word.</summary>
    public static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended meanwhile.
        }
    }

    public void Dispose() => Array.ForEach(Living(), Kill);

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
