using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>
/// Makes UTF-8 of a body as it passed: takes off its content encodings and its charset. What comes out is bounded, whatever was packed; what was cut off is read as
/// far as it goes.
/// </summary>
internal sealed class BodyDecoder
{
    private const int MostEncodings = 2;
    private const int LeastRoom = 64 * 1024;
    private const int MostRoom = 1024 * 1024;
    private const int Ratio = 16;

    private ArrayBufferWriter<byte> buffer = new(8 * 1024);
    private ArrayBufferWriter<byte> spare = new(8 * 1024);
    private int skipped;

    /// <summary>The body, as valid UTF-8 unless it was asked for as it is.</summary>
    public ReadOnlySpan<byte> Result => buffer.WrittenSpan[skipped..];

    /// <summary>Reads a body. Returns why it can't be.</summary>
    public string? Decode(in ReadOnlySequence<byte> captured, ref bool truncated, ReadOnlySpan<char> contentEncoding, ReadOnlySpan<char> charset, bool asItIs)
    {
        buffer.ResetWrittenCount();
        skipped = 0;
        foreach (var piece in captured)
            buffer.Write(piece.Span);
        var room = (int)Math.Clamp(captured.Length * Ratio, LeastRoom, MostRoom);
        for (var count = 0; !(contentEncoding = contentEncoding.Trim()).IsEmpty; count++)
        {
            var comma = contentEncoding.LastIndexOf(',');
            var outermost = contentEncoding[(comma + 1)..].Trim();
            contentEncoding = comma < 0 ? default : contentEncoding[..comma];
            if (outermost.IsEmpty || outermost.Equals("identity", StringComparison.OrdinalIgnoreCase))
                continue;
            if (count == MostEncodings)
                return NotKept.Encoding;
            spare.ResetWrittenCount();
            if (Unpack(outermost, ref truncated, room) is { } reason)
                return reason;
            (buffer, spare) = (spare, buffer);
        }
        // A NUL is no text: mostly it is UTF-16 that nobody announced, in which no secret would be recognised.
        return asItIs || TakeCharset(charset, truncated) && !Result.Contains((byte)0) ? null : NotKept.Undecodable;
    }

    /// <summary>Returns false if this grew too large to keep.</summary>
    public bool Forget(int largest) => buffer.Capacity <= largest && spare.Capacity <= largest;

    private string? Unpack(ReadOnlySpan<char> encoding, ref bool truncated, int room)
    {
        if (encoding.Equals("br", StringComparison.OrdinalIgnoreCase))
            return Brotli(ref truncated, room) ? null : NotKept.Undecodable;
        var isGzip = encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase) || encoding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase);
        if (!isGzip && !encoding.Equals("deflate", StringComparison.OrdinalIgnoreCase))
            return NotKept.Encoding;
        var packed = buffer.WrittenSpan;
        using var source = new MemoryStream(packed.ToArray());
        // Deflate is to have the header of zlib, and often has none.
        using Stream unpacking = isGzip ? new GZipStream(source, CompressionMode.Decompress)
            : packed.Length >= 2 && (packed[0] & 0x0f) == 8 && ((packed[0] * 256) + packed[1]) % 31 == 0 ? new ZLibStream(source, CompressionMode.Decompress)
            : new DeflateStream(source, CompressionMode.Decompress);
        try
        {
            while (unpacking.Read(spare.GetSpan(4096)) is > 0 and var read)
            {
                spare.Advance(read);
                if (spare.WrittenCount < room)
                    continue;
                truncated = true;
                break;
            }
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return truncated ? null : NotKept.Undecodable; // cut off inside a block
        }
    }

    private bool Brotli(ref bool truncated, int room)
    {
        using var decoder = new BrotliDecoder();
        var packed = buffer.WrittenSpan;
        while (true)
        {
            var status = decoder.Decompress(packed, spare.GetSpan(4096), out var consumed, out var written);
            packed = packed[consumed..];
            spare.Advance(written);
            if (status == OperationStatus.Done)
                return true;
            if (status == OperationStatus.DestinationTooSmall && spare.WrittenCount < room)
                continue;
            if (status == OperationStatus.InvalidData || status == OperationStatus.NeedMoreData && !truncated)
                return false;
            truncated = true;
            return true;
        }
    }

    private bool TakeCharset(ReadOnlySpan<char> charset, bool truncated)
    {
        var body = buffer.WrittenSpan;
        if (charset.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) || charset.IsEmpty && (body.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || body.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff])))
            return TakeUtf16(body, charset.EndsWith("be", StringComparison.OrdinalIgnoreCase));
        if (charset.Equals("iso-8859-1", StringComparison.OrdinalIgnoreCase) || charset.Equals("latin1", StringComparison.OrdinalIgnoreCase) || charset.Equals("windows-1252", StringComparison.OrdinalIgnoreCase))
        {
            spare.ResetWrittenCount();
            foreach (var b in body)
                spare.Advance(new Rune(b).EncodeToUtf8(spare.GetSpan(4)));
            (buffer, spare) = (spare, buffer);
            return true;
        }
        if (!charset.IsEmpty && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
            && !charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase) && !charset.Equals("ascii", StringComparison.OrdinalIgnoreCase))
            return false;
        if (truncated && CutRune(body) is > 0 and var cut)
        {
            buffer.ResetWrittenCount(); // keeps the bytes
            buffer.Advance(body.Length - cut);
            body = buffer.WrittenSpan;
        }
        skipped = body.StartsWith("\ufeff"u8) ? 3 : 0;
        return Utf8.IsValid(body);
    }

    private bool TakeUtf16(ReadOnlySpan<byte> body, bool isBigEndian)
    {
        if (body.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || body.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
        {
            isBigEndian = body[0] == 0xfe;
            body = body[2..];
        }
        var units = new char[body.Length / 2];
        for (var i = 0; i < units.Length; i++)
            units[i] = (char)(isBigEndian ? (body[2 * i] << 8) | body[(2 * i) + 1] : body[2 * i] | (body[(2 * i) + 1] << 8));
        spare.ResetWrittenCount();
        var status = Utf8.FromUtf16(units, spare.GetSpan((units.Length * 3) + 1), out _, out var written, replaceInvalidSequences: false);
        spare.Advance(written);
        (buffer, spare) = (spare, buffer);
        return status is OperationStatus.Done or OperationStatus.NeedMoreData; // the latter: cut between two halves
    }

    /// <summary>How many bytes at the end begin a character that is not all there.</summary>
    public static int CutRune(ReadOnlySpan<byte> body)
    {
        for (var back = 1; back <= 3 && back <= body.Length; back++)
        {
            var lead = body[^back];
            if ((lead & 0xc0) == 0x80)
                continue;
            var length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
            return length > back ? back : 0;
        }
        return 0;
    }
}
