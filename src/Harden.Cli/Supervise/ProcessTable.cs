using System.Globalization;

namespace Harden.Cli.Supervise;

/// <summary>A process as Linux tells it.</summary>
/// <param name="Pid">Its id.</param>
/// <param name="Parent">Its parent's.</param>
/// <param name="Group">Its process group's.</param>
/// <param name="Zombie">It has ended, and its parent has not been told yet.</param>
internal readonly record struct ProcessEntry(int Pid, int Parent, int Group, bool Zombie);

/// <summary>The processes there are, from Linux' <c>/proc</c>.</summary>
internal static class ProcessTable
{
    /// <summary>All of them.</summary>
    public static List<ProcessEntry> Read()
    {
        var all = new List<ProcessEntry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid) && Stat(pid) is { } entry)
                all.Add(entry);
        }
        return all;
    }

    /// <summary>Those below the given ones, without these.</summary>
    public static List<ProcessEntry> Below(IEnumerable<int> parents, List<ProcessEntry> all)
    {
        var ours = new HashSet<int>(parents);
        var found = new List<ProcessEntry>();
        // Process ids wrap around, so a child's may be smaller than its parent's: until a round finds nothing new.
        for (var before = -1; before != found.Count;)
        {
            before = found.Count;
            found.AddRange(all.Where(p => ours.Contains(p.Parent) && ours.Add(p.Pid)));
        }
        return found;
    }

    // "pid (name) state parent group …", where the name may hold spaces and parentheses.
    private static ProcessEntry? Stat(int pid)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{pid}/stat");
            var rest = line[(line.LastIndexOf(')') + 2)..].Split(' ', 4);
            return new(pid, int.Parse(rest[1], CultureInfo.InvariantCulture), int.Parse(rest[2], CultureInfo.InvariantCulture), rest[0][0] is 'Z' or 'X');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // gone meanwhile
        }
    }
}
