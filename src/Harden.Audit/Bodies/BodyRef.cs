using System.Buffers.Text;
using System.Globalization;

namespace Harden.Audit.Bodies;

/// <summary>
/// Where a sealed body lies: <c>BOOT-SEGMENT@OFFSET</c>, so that it is found without searching. Of one length always, because the writer
/// fills it into an entry that was drafted before the place was known.
/// </summary>
/// <param name="Segment">The segment beside whose file the bodies file lies.</param>
/// <param name="Offset">Where its frame begins.</param>
internal readonly record struct BodyRef(SegmentFile Segment, long Offset)
{
    /// <summary>Bytes of its text.</summary>
    public const int Length = 13 + 1 + 16;

    /// <summary>What stands in a draft until the writer knows better.</summary>
    public static ReadOnlySpan<byte> Blank => "000000-000000@0000000000000000"u8;

    /// <summary>Writes its text.</summary>
    public void Write(Span<byte> into)
    {
        Utf8Formatter.TryFormat(Segment.Boot, into, out _, new('D', 6));
        into[6] = (byte)'-';
        Utf8Formatter.TryFormat(Segment.Number, into[7..], out _, new('D', 6));
        into[13] = (byte)'@';
        Utf8Formatter.TryFormat(Offset, into[14..], out _, new('x', 16));
    }

    /// <summary>Reads a text; null if it isn't one.</summary>
    public static BodyRef? TryParse(string text) =>
        text.Length == Length && text[6] == '-' && text[13] == '@'
        && int.TryParse(text.AsSpan(0, 6), NumberStyles.None, CultureInfo.InvariantCulture, out var boot)
        && int.TryParse(text.AsSpan(7, 6), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(text.AsSpan(14), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var offset) && offset >= 0
            ? new(new(boot, number), offset)
            : null;
}
