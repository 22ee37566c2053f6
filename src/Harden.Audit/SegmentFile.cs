using System.Globalization;

namespace Harden.Audit;

/// <summary>
/// A segment's file: <c>BOOT-SEGMENT.jsonl</c>, both counted from 1. Counters, not times, so that the order holds when the clock is set back.
/// </summary>
/// <param name="Boot">Ordinal of the boot.</param>
/// <param name="Number">Ordinal within the boot.</param>
internal readonly record struct SegmentFile(int Boot, int Number) : IComparable<SegmentFile>
{
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Boot:D6}-{Number:D6}.jsonl");

    /// <summary>Name of the file beside it that holds the sealed bodies of its entries; there is none while no entry has a body.</summary>
    public string BodiesName => string.Create(CultureInfo.InvariantCulture, $"{Boot:D6}-{Number:D6}.bodies");

    /// <summary>Every segment in the directory, oldest first.</summary>
    public static List<SegmentFile> In(string directory)
    {
        List<SegmentFile> found = [];
        if (Directory.Exists(directory))
        {
            foreach (var path in Directory.EnumerateFiles(directory, "*.jsonl"))
            {
                if (TryParse(Path.GetFileName(path)) is { } segment)
                    found.Add(segment);
            }
        }
        found.Sort();
        return found;
    }

    public static SegmentFile? TryParse(string name) =>
        name.Length == 19 && name.EndsWith(".jsonl", StringComparison.Ordinal) && name[6] == '-'
        && int.TryParse(name.AsSpan(0, 6), NumberStyles.None, CultureInfo.InvariantCulture, out var boot)
        && int.TryParse(name.AsSpan(7, 6), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(boot, number)
            : null;

    public int CompareTo(SegmentFile other) => Boot != other.Boot ? Boot.CompareTo(other.Boot) : Number.CompareTo(other.Number);
}
