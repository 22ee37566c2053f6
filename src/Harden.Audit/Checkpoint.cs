using System.Globalization;
using System.Security.Cryptography;

namespace Harden.Audit;

/// <summary>
/// How large a boot's tree is and what its root is, signed: C2SP <c>tlog-checkpoint</c> text. Whoever keeps one elsewhere can prove that
/// entries were altered or cut off later.
/// </summary>
/// <param name="LogId">Id of the log.</param>
/// <param name="BootId">Id of the boot.</param>
/// <param name="Boot">Ordinal of the boot.</param>
/// <param name="Size">Entries of the tree.</param>
/// <param name="Root">Merkle root.</param>
/// <param name="Time">When it was signed.</param>
/// <param name="Found">The entries from here on were not signed for when they were written: a crash came between, and they are as the next start found them. Null if there are none.</param>
internal sealed record Checkpoint(string LogId, string BootId, int Boot, long Size, byte[] Root, DateTimeOffset Time, long? Found = null)
{
    /// <summary>Begins each note.</summary>
    public const string OriginPrefix = "harden-audit/";


    /// <summary>Name of the file that holds a boot's latest.</summary>
    public static string FileName(int boot) => string.Create(CultureInfo.InvariantCulture, $"{boot:D6}.checkpoint");

    /// <summary>The text that is signed.</summary>
    private string Body => string.Create(CultureInfo.InvariantCulture,
        $"{OriginPrefix}{LogId}/{BootId}\n{Size}\n{Convert.ToBase64String(Root)}\nboot {Boot}\ntime {Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\n{(Found is { } found ? $"found {found}\n" : "")}");

    /// <summary>The checkpoint as a signed note.</summary>
    public string Sign(ECDsa key) => SignedNote.Sign(Body, key);

    /// <summary>Reads a signed note; null if it isn't one or the key did not sign it.</summary>
    /// <param name="note">The note.</param>
    /// <param name="key">The public key; null to read without asking who signed.</param>
    public static Checkpoint? TryOpen(string note, ECDsa? key) => SignedNote.TryOpen(note, key) is { } lines ? Read(lines) : null;

    private static Checkpoint? Read(string[] lines)
    {
        var root = new byte[32];
        if (lines.Length < 6 || !lines[0].StartsWith(OriginPrefix, StringComparison.Ordinal) || lines[0][OriginPrefix.Length..].Split('/') is not [var log, var bootId]
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || !Convert.TryFromBase64String(lines[2], root, out var length) || length != root.Length
            || !lines[3].StartsWith("boot ", StringComparison.Ordinal) || !int.TryParse(lines[3].AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var boot)
            || !lines[4].StartsWith("time ", StringComparison.Ordinal) || !DateTimeOffset.TryParse(lines[4].AsSpan(5), CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return null;
        return new(log, bootId, boot, size, root, time, lines[5].StartsWith("found ", StringComparison.Ordinal) && long.TryParse(lines[5].AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var found) ? found : null);
    }
}
