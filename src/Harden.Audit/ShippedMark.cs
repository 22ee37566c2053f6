namespace Harden.Audit;

/// <summary>
/// Where the log is shipped elsewhere: the file <c>shipped</c> in its directory names the segment that is being shipped now, so that retention deletes none
/// before its time. Without the file nothing is waited for.
/// </summary>
internal static class ShippedMark
{
    private const string Name = "shipped";

    /// <summary>The first segment that is still needed; null if nobody ships.</summary>
    public static SegmentFile? Read(string directory)
    {
        var path = Path.Combine(directory, Name);
        return File.Exists(path) ? SegmentFile.TryParse(File.ReadAllText(path).Trim()) ?? default(SegmentFile) : null;
    }

    /// <summary>Everything before this segment has been shipped.</summary>
    public static void Write(string directory, SegmentFile segment)
    {
        var path = Path.Combine(directory, Name);
        File.WriteAllText(path + ".new", segment.Name + "\n");
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Says, before anything may be deleted, whether somebody ships.</summary>
    public static void Begin(string directory, bool ships)
    {
        if (!ships)
            File.Delete(Path.Combine(directory, Name));
        else if (Read(directory) is null)
            Write(directory, default);
    }
}
