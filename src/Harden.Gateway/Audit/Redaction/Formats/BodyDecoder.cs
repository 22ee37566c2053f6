using System.Buffers;
using System.Text.Unicode;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>Makes UTF-8 of a body as it passed: takes off its content encoding and its charset.</summary>
internal sealed class BodyDecoder
{
    private readonly ArrayBufferWriter<byte> buffer = new(8 * 1024);

    /// <summary>The body as valid UTF-8.</summary>
    public ReadOnlySpan<byte> Result => buffer.WrittenSpan;

    public string? Decode(in ReadOnlySequence<byte> captured, ref bool truncated, ReadOnlySpan<char> contentEncoding, ReadOnlySpan<char> charset)
    {
        buffer.ResetWrittenCount();
        contentEncoding = contentEncoding.Trim();
        if (!contentEncoding.IsEmpty && !contentEncoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return NotKept.Encoding;
        if (!charset.IsEmpty && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return NotKept.Undecodable;
        foreach (var piece in captured)
            buffer.Write(piece.Span);
        return Utf8.IsValid(Result) ? null : NotKept.Undecodable;
    }

    public bool Forget(int largest) => buffer.Capacity <= largest;
}
