using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Harden.Audit;

/// <summary>
/// What the writer puts around an entry: version, ids and place before it, a CRC-32C of everything so far behind it. The checksum finds
/// what a crash tore; against people there are the Merkle tree and its signed checkpoints.
/// </summary>
internal sealed class EntryFrame(string logId, string bootId)
{
    /// <summary>Longest line, in bytes, without its line feed.</summary>
    public const int MaxLine = 64 * 1024 - 1;

    /// <summary>Longest entry as drafted, so that the line is within <see cref="MaxLine"/>.</summary>
    public const int MaxBody = MaxLine - 512;

    private const int CheckLength = 8;
    private const int TailLength = 8 + CheckLength + 2; // ,"crc":"xxxxxxxx"}

    private readonly byte[] head = Encoding.ASCII.GetBytes($"{{\"v\":1,\"logId\":\"{logId}\",\"bootId\":\"{bootId}\",\"seq\":");

    /// <summary>Bytes a line takes at most, with its line feed.</summary>
    public int Room(int bodyLength) => head.Length + 20 + bodyLength + 32;

    /// <summary>Writes a line and its line feed.</summary>
    /// <param name="seq">The entry's place.</param>
    /// <param name="body">The entry as drafted: a JSON object with at least one member.</param>
    /// <param name="into">At least <see cref="Room"/> bytes.</param>
    /// <returns>Length of the line, without its line feed.</returns>
    public int Write(long seq, ReadOnlySpan<byte> body, Span<byte> into)
    {
        head.CopyTo(into);
        var at = head.Length;
        Utf8Formatter.TryFormat(seq, into[at..], out var digits);
        at += digits;
        into[at++] = (byte)',';
        body[1..^1].CopyTo(into[at..]);
        at += body.Length - 2;
        var check = Crc32C.Of(into[..at]);
        ",\"crc\":\""u8.CopyTo(into[at..]);
        at += 8;
        check.TryFormat(into[at..], out _, "x8", CultureInfo.InvariantCulture);
        at += CheckLength;
        into[at++] = (byte)'"';
        into[at++] = (byte)'}';
        into[at] = (byte)'\n';
        return at;
    }

    /// <summary>True if the line is whole: its checksum is that of what stands before it.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> line)
    {
        var at = line.Length - TailLength;
        return at > 0 && line[at..].StartsWith(",\"crc\":\""u8) && line.EndsWith("\"}"u8)
            && uint.TryParse(line.Slice(at + 8, CheckLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var check)
            && check == Crc32C.Of(line[..at]);
    }
}
