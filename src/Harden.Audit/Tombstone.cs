using System.Globalization;
using System.Security.Cryptography;

namespace Harden.Audit;

/// <summary>
/// What stands in place of a boot's oldest segments when retention has deleted them: how many entries they held, their Merkle root, and
/// what is needed to check the entries that follow against later checkpoints. Signed, so that nobody else can make deletion look like it.
/// </summary>
/// <param name="LogId">Id of the log.</param>
/// <param name="BootId">Id of the boot.</param>
/// <param name="Boot">Ordinal of the boot.</param>
/// <param name="Segments">How many segments are deleted: the first so many.</param>
/// <param name="Whole">The boot has no others.</param>
/// <param name="Size">How many entries they held: those from 0 on.</param>
/// <param name="Peaks">The complete subtrees of their tree, the largest first.</param>
/// <param name="From">When the first of them was drafted.</param>
/// <param name="To">When the last of them was.</param>
/// <param name="Deleted">When they were deleted.</param>
/// <param name="Reason">Why, in one line.</param>
internal sealed record Tombstone(string LogId, string BootId, int Boot, int Segments, bool Whole, long Size, byte[] Peaks, DateTimeOffset From, DateTimeOffset To, DateTimeOffset Deleted, string Reason)
{
    private const string OriginPrefix = "harden-audit-tombstone/";
    private const string Extension = ".tombstone";

    /// <summary>The root of the deleted entries' tree.</summary>
    public byte[] Root => Tree().Root();

    /// <summary>The deleted entries' tree, to go on from.</summary>
    public MerkleFrontier Tree() => new(Size, Peaks);

    /// <summary>Name of a boot's file.</summary>
    public static string FileName(int boot) => string.Create(CultureInfo.InvariantCulture, $"{boot:D6}{Extension}");

    /// <summary>Every tombstone's file in the directory: the boot by its name, and the text.</summary>
    public static IEnumerable<(int Boot, string File, string Note)> In(string directory)
    {
        foreach (var path in Directory.Exists(directory) ? Directory.GetFiles(directory, "*" + Extension).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var boot))
                yield return (boot, Path.GetFileName(path), File.ReadAllText(path));
        }
    }

    /// <summary>The tombstone as a signed note.</summary>
    public string Sign(ECDsa key) => SignedNote.Sign(string.Create(CultureInfo.InvariantCulture,
        $"{OriginPrefix}{LogId}/{BootId}\n{Size}\n{Convert.ToBase64String(Root)}\nboot {Boot}\nsegments {Segments}\nwhole {(Whole ? 1 : 0)}\npeaks {Convert.ToBase64String(Peaks)}\nfrom {Stamp(From)}\nto {Stamp(To)}\ndeleted {Stamp(Deleted)}\nreason {Reason}\n"), key);

    /// <summary>Reads a signed note; null if it isn't one or the key did not sign it.</summary>
    public static Tombstone? TryOpen(string note, ECDsa? key)
    {
        if (SignedNote.TryOpen(note, key) is not { Length: >= 11 } lines || !lines[0].StartsWith(OriginPrefix, StringComparison.Ordinal) || lines[0][OriginPrefix.Length..].Split('/') is not [var log, var bootId]
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || !int.TryParse(Value(lines[3], "boot "), NumberStyles.None, CultureInfo.InvariantCulture, out var boot)
            || !int.TryParse(Value(lines[4], "segments "), NumberStyles.None, CultureInfo.InvariantCulture, out var segments)
            || TryDecode(Value(lines[6], "peaks ")) is not { } peaks || peaks.Length != 32 * long.PopCount(size)
            || Time(lines[7], "from ") is not { } from || Time(lines[8], "to ") is not { } to || Time(lines[9], "deleted ") is not { } deleted)
            return null;
        var tombstone = new Tombstone(log, bootId, boot, segments, lines[5] == "whole 1", size, peaks, from, to, deleted, Value(lines[10], "reason "));
        return lines[2] == Convert.ToBase64String(tombstone.Root) ? tombstone : null;
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Value(string line, string name) => line.StartsWith(name, StringComparison.Ordinal) ? line[name.Length..] : "";

    private static DateTimeOffset? Time(string line, string name) =>
        DateTimeOffset.TryParse(Value(line, name), CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private static byte[]? TryDecode(string text)
    {
        var bytes = new byte[32 * 64];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
