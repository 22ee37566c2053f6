using System.Buffers.Binary;
using System.Text;

namespace Harden.Audit.Bodies;

/// <summary>
/// What a body looks like on disk: <c>HB01</c>, length of the whole, CRC-32C of all that follows, key id, salt, nonce, ciphertext, tag.
/// The checksum finds what a crash tore, without a key; the tag finds what somebody altered.
/// </summary>
internal static class BodyFrame
{
    public const int SaltLength = 16, NonceLength = 12, TagLength = 16;

    private const int LengthAt = 4, CheckAt = 8, KeyAt = 12, SaltAt = KeyAt + BodyKey.IdLength, NonceAt = SaltAt + SaltLength;

    /// <summary>Bytes before the ciphertext.</summary>
    public const int Head = NonceAt + NonceLength;

    /// <summary>Bytes a body takes besides its own.</summary>
    public const int Overhead = Head + TagLength;

    private static ReadOnlySpan<byte> Magic => "HB01"u8;

    public static Span<byte> Key(Span<byte> frame) => frame.Slice(KeyAt, BodyKey.IdLength);

    public static Span<byte> Salt(Span<byte> frame) => frame.Slice(SaltAt, SaltLength);

    public static Span<byte> Nonce(Span<byte> frame) => frame.Slice(NonceAt, NonceLength);

    public static Span<byte> Text(Span<byte> frame) => frame[Head..^TagLength];

    public static Span<byte> Tag(Span<byte> frame) => frame[^TagLength..];

    /// <summary>Writes what comes first, when all the rest is there.</summary>
    public static void Close(Span<byte> frame)
    {
        Magic.CopyTo(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame[LengthAt..], frame.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[CheckAt..], Crc32C.Of(frame[KeyAt..]));
    }

    /// <summary>Length of the whole frame, from its first bytes; 0 if they are not those of one.</summary>
    public static int LengthOf(ReadOnlySpan<byte> head) =>
        head.Length >= Head && head.StartsWith(Magic) && BinaryPrimitives.ReadInt32LittleEndian(head[LengthAt..]) is >= Overhead and <= BodyVault.MaxBody + Overhead and var length ? length : 0;

    /// <summary>True if the checksum is that of the frame.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> frame) =>
        LengthOf(frame) == frame.Length && BinaryPrimitives.ReadUInt32LittleEndian(frame[CheckAt..]) == Crc32C.Of(frame[KeyAt..]);

    /// <summary>What the tag vouches for besides the bytes: of which body of which request they are, so that none passes for another.</summary>
    public static int Associate(ReadOnlySpan<byte> hash, BodySide side, string requestId, Span<byte> into)
    {
        hash.CopyTo(into);
        into[hash.Length] = (byte)side;
        return hash.Length + 1 + Encoding.UTF8.GetBytes(requestId, into[(hash.Length + 1)..]);
    }

    /// <summary>Bytes that <see cref="Associate"/> takes at most.</summary>
    public static int AssociatedRoom(string requestId) => 33 + Encoding.UTF8.GetMaxByteCount(requestId.Length);
}
