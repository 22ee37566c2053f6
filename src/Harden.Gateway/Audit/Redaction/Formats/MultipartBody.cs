using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Harden.Gateway.Audit.Redaction.Formats;

/// <summary>
/// Multipart forms, written again part by part: name, kind and size of each stay; text where a rule keeps the part, JSON where a pointer does.
/// </summary>
internal static class MultipartBody
{
    private const int MostParts = 256;
    private const int LongestHead = 4096;

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>Writes the parts. Returns false if there is none.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> body, ReadOnlySpan<char> boundary, BodyWork work)
    {
        if (boundary.Length is 0 or > 70 || !Ascii.IsValid(boundary))
            return false;
        Span<byte> delimiter = stackalloc byte[74];
        "\r\n--"u8.CopyTo(delimiter);
        delimiter = delimiter[..(4 + Encoding.ASCII.GetBytes(boundary, delimiter[4..]))];
        if (!body.StartsWith(delimiter[2..]))
        {
            var preamble = body.IndexOf(delimiter);
            if (preamble < 0)
                return work.Truncated && delimiter[2..].StartsWith(body);
            body = body[(preamble + 2)..];
        }
        body = body[(delimiter.Length - 2)..];
        for (var count = 0; !body.StartsWith("--"u8); count++)
        {
            var length = body.IndexOf(delimiter);
            if (count == MostParts || length < 0 && !work.Truncated)
            {
                work.Write(count == 0 ? default : "…\n"u8);
                return count > 0;
            }
            Part(length < 0 ? body : body[..length], length < 0, delimiter, work);
            if (length < 0)
                return true;
            body = body[(length + delimiter.Length)..];
        }
        work.Write("--*--\n"u8);
        return true;
    }

    private static void Part(ReadOnlySpan<byte> part, bool isCut, ReadOnlySpan<byte> delimiter, BodyWork work)
    {
        work.Write("--*\n"u8);
        var end = part.StartsWith("\r\n\r\n"u8) ? 0 : part.IndexOf("\r\n\r\n"u8);
        if (end is < 0 or > LongestHead)
        {
            work.Write(isCut ? "…\n"u8 : "*\n"u8);
            return;
        }
        var content = part[(end + 4)..];
        if (isCut)
            content = WithoutCutDelimiter(content, delimiter);
        var head = new PartHead(Encoding.Latin1.GetString(part[..end]));
        var isPlain = PlainName.Is(head.Name);
        var shown = isPlain ? head.Name : BodyWork.Mark;
        var isKept = work.Rules.KeepsPart(head.Name);
        work.Write(string.Create(CultureInfo.InvariantCulture, $"Content-Disposition: form-data; name=\"{shown}\""));
        if (!isPlain)
            work.Note("/" + shown, "name");
        if (head.FileName is { } file)
            work.Write(string.Create(CultureInfo.InvariantCulture, $"; filename=\"{(isKept ? work.Clean(OneLine(file), out _) : Extension(file))}\""));
        work.Write("\n"u8);
        if (head.ContentType.Length > 0)
            work.Write(string.Create(CultureInfo.InvariantCulture, $"Content-Type: {head.ContentType}\n"));
        work.Write("\n"u8);
        Content(content, head, "/" + shown, isCut, isKept, work);
        work.Write("\n"u8);
    }

    private static void Content(ReadOnlySpan<byte> content, PartHead head, string below, bool isCut, bool isKept, BodyWork work)
    {
        var whole = isCut ? content[..^BodyDecoder.CutRune(content)] : content;
        if (head.Name.Length == 0 || SecretNames.Of(head.Name) == SecretName.Secret)
        {
            work.Masked();
            work.Write(BodyWork.Mark);
        }
        else if (head.Format == BodyFormat.None || head.FileName is not null && !isKept || !Utf8.IsValid(whole) || whole.Contains((byte)0))
        {
            work.Write(string.Create(CultureInfo.InvariantCulture, $"({content.Length} bytes{(isCut ? BodyWork.Cut : "")})"));
        }
        else if (whole.IsEmpty || head.Format == BodyFormat.Json && JsonBody.TryWrite(whole, isCut, work))
        {
            return;
        }
        else if (isKept && head.Format == BodyFormat.Text)
        {
            TextBody.Write(whole, isCut, below, work);
        }
        else
        {
            work.Write(isCut ? "…"u8 : work.Stand(whole));
        }
    }

    // The kind of a file says more than it reveals.
    private static string Extension(string file) =>
        Path.GetExtension(file) is { Length: > 1 and <= 6 } extension && !extension.AsSpan(1).ContainsAnyExcept(Letters) ? BodyWork.Mark + extension : BodyWork.Mark;

    private static string OneLine(string file) => file.ReplaceLineEndings(" ").Replace('"', '\'');

    // The beginning of the delimiter at the end is not content.
    private static ReadOnlySpan<byte> WithoutCutDelimiter(ReadOnlySpan<byte> content, ReadOnlySpan<byte> delimiter)
    {
        for (var length = Math.Min(delimiter.Length - 1, content.Length); length > 0; length--)
        {
            if (content.EndsWith(delimiter[..length]))
                return content[..^length];
        }
        return content;
    }
}
